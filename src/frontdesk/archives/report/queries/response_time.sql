-- Response time
--
-- Seconds from what a customer sent to the response, over all turns of a chat: mean, median and
-- 90th percentile of the chats that have a response.
--
-- Source: Reports API 3.6, chats/response_time (mean); median and percentile are our own
-- Readings: RESPONSE, TURN, AVERAGE, BOTS_ARE_AGENTS
-- Needs: threads, events

SELECT
    period,
    count(response_seconds) AS chats,
    avg(response_seconds) AS mean_seconds,
    quantile_cont(response_seconds, 0.5) AS median_seconds,
    quantile_cont(response_seconds, 0.9) AS p90_seconds
FROM chats
GROUP BY period;
