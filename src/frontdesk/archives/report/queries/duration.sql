-- Duration
--
-- Seconds from the start of a chat to its end: mean, median and 90th percentile.
--
-- Source: Reports API 3.6, chats/duration, field `duration` (mean); the others are our own
-- Readings: END
-- Needs: threads, events

SELECT
    period,
    count(seconds) AS chats,
    avg(seconds) AS mean_seconds,
    quantile_cont(seconds, 0.5) AS median_seconds,
    quantile_cont(seconds, 0.9) AS p90_seconds
FROM chats
GROUP BY period;
