-- Bots and people
--
-- Chats by who responded in them: people, bots, both or nobody; with the first response time and
-- the ratings of each.
--
-- Source: our own; the Reports API does not tell bots from people
-- Readings: RESPONSE, CLOCK
-- Needs: threads, events

WITH totals AS (SELECT period, count(*) AS total FROM chats GROUP BY period)
SELECT
    period,
    handled_by,
    count(*) AS chats,
    count(*) / any_value(total) AS chats_share,
    quantile_cont(first_response_seconds, 0.5) AS first_response_median_seconds,
    count(*) FILTER (rating = 'good') AS good,
    count(*) FILTER (rating = 'bad') AS bad
FROM chats
JOIN totals USING (period)
GROUP BY period, handled_by
ORDER BY period, chats DESC, handled_by;
