-- Waits in the queue
--
-- Customers who waited and entered a chat, and those who left before any agent came: how many, and
-- how long they waited.
--
-- Source: Reports API 3.6, chats/queued_visitors
-- Readings: QUEUED, AGENT
-- Needs: threads, thread_users

SELECT
    period,
    CASE WHEN left_queue THEN 'left the queue' ELSE 'entered a chat' END AS outcome,
    count(*) AS chats,
    min(queue_seconds) AS shortest_seconds,
    max(queue_seconds) AS longest_seconds,
    avg(queue_seconds) AS mean_seconds,
    quantile_cont(queue_seconds, 0.5) AS median_seconds,
    quantile_cont(queue_seconds, 0.9) AS p90_seconds
FROM chats
WHERE queued
GROUP BY ALL
ORDER BY period, outcome;
