-- Groups
--
-- Chats, missed chats, first response time and ratings by group. Group 0 stands for all agents.
--
-- Source: Reports API 3.6, chats/groups
-- Readings: GROUP, MISSED, CLOCK
-- Needs: threads, events

SELECT
    period,
    group_id,
    count(*) AS chats,
    count(*) FILTER (missed) AS missed_chats,
    quantile_cont(first_response_seconds, 0.5) AS first_response_median_seconds,
    count(*) FILTER (rating = 'good') AS good,
    count(*) FILTER (rating = 'bad') AS bad
FROM (SELECT *, unnest(list_distinct(group_ids)) AS group_id FROM chats)
GROUP BY period, group_id
ORDER BY period, chats DESC, group_id;
