-- First response times by length
--
-- How many chats had their first response within which time.
--
-- Source: our own, from the first response times
-- Readings: RESPONSE, CLOCK, QUEUE_TIME_IS_RESPONSE_TIME, BOTS_ARE_AGENTS
-- Needs: threads, events

WITH classes AS (
    SELECT * FROM (VALUES
        (0, 15, 'under 15 s'),
        (15, 30, '15 to 30 s'),
        (30, 60, '30 s to 1 min'),
        (60, 120, '1 to 2 min'),
        (120, 300, '2 to 5 min'),
        (300, 900, '5 to 15 min'),
        (900, 3600, '15 min to 1 h'),
        (3600, NULL, '1 h and more')
    ) AS classes (from_seconds, to_seconds, within)
),
periods AS (SELECT DISTINCT period FROM chats)
SELECT periods.period, within, count(first_response_seconds) AS chats
FROM periods
CROSS JOIN classes
LEFT JOIN chats
    ON chats.period = periods.period
    AND first_response_seconds >= from_seconds
    AND (to_seconds IS NULL OR first_response_seconds < to_seconds)
GROUP BY periods.period, within, from_seconds
ORDER BY periods.period, from_seconds;
