-- Agents
--
-- For each agent: chats, those with the first response from the agent, the time to it, ratings,
-- and the score of the ranking. An agent without ratings has no score.
--
-- Source: Reports API 3.6, agents/performance and chats/ranking
-- Readings: AGENT, BOTS_ARE_AGENTS, RATED_AGENT, SCORE
-- Needs: threads, events, thread_users, users

WITH names AS (
    SELECT user_id, arg_max(name, date) AS name FROM users WHERE type <> 'customer' GROUP BY user_id
),
had AS (
    SELECT
        period,
        agent_id,
        any_value(present.type) AS type,
        count(*) AS chats,
        count(*) FILTER (rated AND rating = 'good') AS good,
        count(*) FILTER (rated AND rating = 'bad') AS bad
    FROM present
    JOIN chats USING (thread_id)
    GROUP BY period, agent_id
),
responded AS (
    SELECT
        period,
        first_responder AS agent_id,
        count(*) AS first_responses,
        avg(first_response_seconds) AS first_response_mean_seconds,
        quantile_cont(first_response_seconds, 0.5) AS first_response_median_seconds
    FROM chats
    WHERE first_responder IS NOT NULL
    GROUP BY period, agent_id
)
SELECT
    had.period,
    had.agent_id,
    coalesce(name, had.agent_id) AS agent,
    had.type,
    chats,
    coalesce(first_responses, 0) AS first_responses,
    first_response_mean_seconds,
    first_response_median_seconds,
    good,
    bad,
    ranking_score(good, bad) AS score
FROM had
LEFT JOIN responded USING (period, agent_id)
LEFT JOIN names ON names.user_id = had.agent_id
ORDER BY had.period, chats DESC, had.agent_id;
