-- First response time
--
-- Seconds from the first thing that the customer sent to the first response after it: mean, median
-- and 90th percentile of the chats that have both.
--
-- Source: Reports API 3.6, chats/first_response_time (mean); median and percentile are our own
-- Readings: RESPONSE, CLOCK, QUEUE_TIME_IS_RESPONSE_TIME, BOTS_ARE_AGENTS
-- Needs: threads, events

SELECT
    period,
    count(first_response_seconds) AS chats,
    avg(first_response_seconds) AS mean_seconds,
    quantile_cont(first_response_seconds, 0.5) AS median_seconds,
    quantile_cont(first_response_seconds, 0.9) AS p90_seconds
FROM chats
GROUP BY period;
