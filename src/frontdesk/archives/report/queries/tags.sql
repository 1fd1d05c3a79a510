-- Tags
--
-- Chats by their tags, and the share of all chats that have the tag.
--
-- Source: Reports API 3.6, chats/tags and tags/chat_usage
-- Readings: TAG
-- Needs: threads, tags

WITH totals AS (SELECT period, count(*) AS total FROM chats GROUP BY period)
SELECT
    period,
    tag,
    count(DISTINCT thread_id) AS chats,
    count(DISTINCT thread_id) / any_value(total) AS chats_share
FROM tags
JOIN chats USING (thread_id)
JOIN totals USING (period)
WHERE tags.date BETWEEN getvariable('first_date') AND getvariable('last_date')
GROUP BY period, tag
ORDER BY period, chats DESC, tag;
