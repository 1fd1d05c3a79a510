-- The turns of the customers, and the responses to them
--
-- One row for each response that ends a turn: who gave it, and how many seconds after the first
-- event of the turn. `number` is 1 for the first response of the chat.
--
-- Source: response_time and first_response_time of the Reports API, computed from events
-- Readings: TURN, CLOCK, QUEUE_TIME_IS_RESPONSE_TIME

CREATE TEMP TABLE turns AS
WITH steps AS (
    SELECT *, lag(kind) OVER (PARTITION BY thread_id ORDER BY position) AS previous
    FROM happened
    WHERE kind IN ('customer', 'response')
),
-- The first event of each turn, and the first response after it.
changes AS (
    SELECT *, lag(created_at) OVER (PARTITION BY thread_id ORDER BY position) AS asked_at
    FROM steps
    WHERE kind IS DISTINCT FROM previous
),
responses AS (
    SELECT
        thread_id,
        asked_at,
        created_at AS responded_at,
        author_id,
        author_type,
        row_number() OVER (PARTITION BY thread_id ORDER BY position) AS number
    FROM changes
    -- A chat that an agent opened has a response before anybody asked.
    WHERE kind = 'response' AND asked_at IS NOT NULL
)
SELECT
    responses.*,
    greatest(
        date_diff(
            'microsecond',
            CASE
                WHEN number > 1 OR getvariable('queue_time_is_response_time') THEN asked_at
                ELSE greatest(
                    asked_at, created_at + to_seconds(coalesce(queue_seconds, 0))
                )
            END,
            responded_at
        ),
        0
    ) / 1e6 AS seconds
FROM responses
JOIN started USING (thread_id);
