-- The measures of each chat
--
-- One row for each chat with all that the figures count: its length, the part of it with an agent,
-- its response times, who responded, whether it was missed.
--
-- Source: duration, response_time, first_response_time and queued_visitors of the Reports API
-- Readings: END, ARRIVAL, AVERAGE, QUEUED, MISSED

CREATE TEMP TABLE chats AS
WITH spans AS (
    SELECT
        thread_id,
        coalesce(
            arg_max(created_at, position) FILTER (kind = 'end'), arg_max(created_at, position)
        ) AS ended_at,
        arg_min(created_at, position) FILTER (
            author_type = 'agent' OR (author_type = 'bot' AND getvariable('bots_are_agents'))
        ) AS first_seen_at,
        count(*) FILTER (kind = 'response') AS responses,
        count(*) FILTER (kind IN ('response', 'bot') AND author_type = 'agent') AS of_people,
        count(*) FILTER (kind IN ('response', 'bot') AND author_type = 'bot') AS of_bots
    FROM happened
    GROUP BY thread_id
),
times AS (
    SELECT
        thread_id,
        max(seconds) FILTER (number = 1) AS first_response_seconds,
        avg(seconds) AS response_seconds,
        max(author_id) FILTER (number = 1) AS first_responder
    FROM turns
    GROUP BY thread_id
),
assigned AS (SELECT DISTINCT thread_id FROM present),
placed AS (
    SELECT
        started.*,
        -- `greatest` and `least` of DuckDB skip what is NULL.
        CASE WHEN ended_at IS NOT NULL THEN greatest(ended_at, created_at) END AS ended_at,
        assigned.thread_id IS NOT NULL AS has_agent,
        coalesce(queue_seconds, 0) > 0 AS queued,
        -- One wait at the start ends when the agent comes; several are summed up, too late then.
        CASE
            WHEN coalesce(queue_seconds, 0) > 0
                THEN least(created_at + to_seconds(queue_seconds), first_seen_at)
            ELSE first_seen_at
        END AS arrived_at,
        coalesce(responses, 0) AS responses,
        coalesce(of_people, 0) AS of_people,
        coalesce(of_bots, 0) AS of_bots,
        first_response_seconds,
        response_seconds,
        first_responder
    FROM started
    LEFT JOIN spans USING (thread_id)
    LEFT JOIN times USING (thread_id)
    LEFT JOIN assigned USING (thread_id)
)
SELECT
    *,
    date_diff('microsecond', created_at, ended_at) / 1e6 AS seconds,
    CASE
        WHEN has_agent AND arrived_at IS NOT NULL AND ended_at IS NOT NULL THEN greatest(
            date_diff('microsecond', greatest(arrived_at, created_at), ended_at), 0
        ) / 1e6
    END AS agent_seconds,
    queued AND NOT has_agent AS left_queue,
    coalesce(unreplied, responses + of_bots = 0) AS missed,
    CASE
        WHEN of_people > 0 AND of_bots > 0 THEN 'bots and people'
        WHEN of_people > 0 THEN 'people'
        WHEN of_bots > 0 THEN 'bots'
        ELSE 'nobody'
    END AS handled_by
FROM placed;

-- The score of the ranking, as LiveChat's help centre prints it: `c / n` under the root.
CREATE TEMP MACRO ranking_score(good, bad) AS (
    WITH counts AS (
        SELECT
            good + bad AS n,
            good / nullif(good + bad, 0) AS p,
            getvariable('ranking_z') ** 2 / (4 * nullif(good + bad, 0)) AS c
    )
    SELECT
        (p + 2 * c - getvariable('ranking_z') * sqrt((c / n + p * (1 - p)) / n)) / (1 + 4 * c)
    FROM counts
);
