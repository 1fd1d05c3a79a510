-- What happened in the chats
--
-- One row for each event that says something about times: what the customer sent, the responses,
-- what else agents and bots did, the end of the chat, the rating.
--
-- Source: events by `author_type`, `visibility`, `type` and `system_message_type`
-- Readings: RESPONSE, END, BOTS_ARE_AGENTS

CREATE TEMP TABLE happened AS
SELECT
    events.thread_id,
    events.position,
    events.created_at,
    events.author_id,
    events.author_type,
    CASE
        WHEN type = 'system_message' AND system_message_type = getvariable('rated_message')
            THEN 'rated'
        WHEN type = 'system_message'
            AND regexp_matches(system_message_type, '^(' || getvariable('end_messages') || ')')
            THEN 'end'
        WHEN list_contains(getvariable('no_responses'), type) THEN 'other'
        WHEN author_type = 'customer' THEN 'customer'
        WHEN author_type NOT IN ('agent', 'bot') THEN 'other'
        WHEN coalesce(visibility, 'all') <> 'all' THEN 'internal'
        WHEN contains(properties, '"lc2"') AND json_valid(properties) AND (
            json_extract_string(properties, getvariable('welcome_property')) = 'true'
            OR json_extract_string(properties, getvariable('greeting_property')) IS NOT NULL
        ) THEN 'automatic'
        WHEN author_type = 'agent' OR getvariable('bots_are_agents') THEN 'response'
        ELSE 'bot'
    END AS kind
FROM events
JOIN started USING (thread_id)
WHERE events.created_at IS NOT NULL
    AND events.date BETWEEN getvariable('first_date') AND getvariable('last_date');
