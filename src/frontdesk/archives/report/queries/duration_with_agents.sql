-- Duration with an agent
--
-- Seconds from the arrival of the first agent to the end of the chat, so without the queue: mean,
-- median and 90th percentile of the chats that agents had.
--
-- Source: Reports API 3.6, chats/duration, field `agents_chatting_duration` (mean)
-- Readings: END, ARRIVAL, AGENT, BOTS_ARE_AGENTS
-- Needs: threads, events, thread_users

SELECT
    period,
    count(agent_seconds) AS chats,
    avg(agent_seconds) AS mean_seconds,
    quantile_cont(agent_seconds, 0.5) AS median_seconds,
    quantile_cont(agent_seconds, 0.9) AS p90_seconds
FROM chats
GROUP BY period;
