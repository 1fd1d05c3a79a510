-- The agents of the chats
--
-- One row for each agent or bot of each chat. `rated` marks the one whom a rating counts for.
--
-- Source: `thread_users`; ranking and performance of the Reports API
-- Readings: AGENT, BOTS_ARE_AGENTS, RATED_AGENT

CREATE TEMP TABLE present AS
WITH ratings AS (
    SELECT thread_id, max(position) AS position FROM happened WHERE kind = 'rated' GROUP BY ALL
),
last_agents AS (
    SELECT thread_id, arg_max(author_id, happened.position) AS agent_id
    FROM happened
    LEFT JOIN ratings USING (thread_id)
    WHERE (author_type = 'agent' OR (author_type = 'bot' AND getvariable('bots_are_agents')))
        AND happened.position < coalesce(ratings.position, happened.position + 1)
    GROUP BY thread_id
),
-- Where nobody sent anything, the rating is that of the only agent there was.
only_agents AS (
    SELECT thread_id, any_value(user_id) AS agent_id
    FROM thread_users
    WHERE (type = 'agent' OR (type = 'bot' AND getvariable('bots_are_agents')))
        AND date BETWEEN getvariable('first_date') AND getvariable('last_date')
    GROUP BY thread_id
    HAVING count(DISTINCT user_id) = 1
)
SELECT DISTINCT
    thread_id,
    thread_users.user_id AS agent_id,
    thread_users.type,
    coalesce(
        coalesce(last_agents.agent_id, only_agents.agent_id) = thread_users.user_id, false
    ) AS rated
FROM thread_users
JOIN started USING (thread_id)
LEFT JOIN last_agents USING (thread_id)
LEFT JOIN only_agents USING (thread_id)
WHERE (thread_users.type = 'agent'
        OR (thread_users.type = 'bot' AND getvariable('bots_are_agents')))
    AND thread_users.date BETWEEN getvariable('first_date') AND getvariable('last_date');
