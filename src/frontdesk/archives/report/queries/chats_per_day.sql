-- Chats per day
--
-- Chats by the day on which they started; days without chats too.
--
-- Source: Reports API 3.6, chats/total_chats with days
-- Readings: CHAT, START
-- Needs: threads

WITH days AS (
    SELECT 'this' AS period, unnest(generate_series(
        timezone(getvariable('zone'), getvariable('since'))::DATE,
        timezone(getvariable('zone'), getvariable('until') - INTERVAL 1 MICROSECOND)::DATE,
        INTERVAL 1 DAY
    ))::DATE AS day
    UNION ALL
    SELECT 'before', unnest(generate_series(
        timezone(getvariable('zone'), getvariable('before'))::DATE,
        timezone(getvariable('zone'), getvariable('since') - INTERVAL 1 MICROSECOND)::DATE,
        INTERVAL 1 DAY
    ))::DATE
    WHERE getvariable('before') IS NOT NULL
),
counts AS (
    SELECT period, local_time::DATE AS day, count(*) AS chats FROM chats GROUP BY ALL
)
SELECT period, day, coalesce(chats, 0) AS chats
FROM days
LEFT JOIN counts USING (period, day)
ORDER BY period, day;
