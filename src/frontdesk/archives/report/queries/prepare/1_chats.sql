-- The chats that are counted
--
-- One row for each closed thread that started in the period (`this`) or in the one before it
-- (`before`), in the groups that were asked for.
--
-- Source: a chat in a report is one thread, by `created_at`
-- Readings: CHAT, START, CLOSED

CREATE TEMP TABLE started AS
SELECT
    thread_id,
    CASE WHEN created_at >= getvariable('since') THEN 'this' ELSE 'before' END AS period,
    created_at,
    timezone(getvariable('zone'), created_at) AS local_time,
    customer_id,
    group_ids,
    queues_duration AS queue_seconds,
    CASE rating_score WHEN 1 THEN 'good' WHEN 0 THEN 'bad' END AS rating,
    rating_comment,
    continuous,
    unreplied,
    start_url
FROM threads
WHERE created_at >= coalesce(getvariable('before'), getvariable('since'))
    AND created_at < getvariable('until')
    -- The files of an export lie by day: those of other days are not opened.
    AND date BETWEEN getvariable('first_date') AND getvariable('last_date')
    AND (getvariable('groups') IS NULL OR list_has_any(group_ids, getvariable('groups')));
