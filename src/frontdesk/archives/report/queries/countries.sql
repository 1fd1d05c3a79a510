-- Countries
--
-- Chats by the country of the customer, and its share of all chats.
--
-- Source: our own; the Reports API has a filter by country
-- Readings: COUNTRY
-- Needs: threads, visits

WITH totals AS (SELECT period, count(*) AS total FROM chats GROUP BY period),
places AS (
    SELECT thread_id, any_value(country_code) AS country_code, any_value(country) AS country
    FROM visits
    WHERE date BETWEEN getvariable('first_date') AND getvariable('last_date')
    GROUP BY thread_id
)
SELECT
    period,
    coalesce(upper(nullif(country_code, '')), '') AS country_code,
    coalesce(any_value(nullif(country, '')), any_value(nullif(country_code, '')), 'unknown')
        AS country,
    count(*) AS chats,
    count(*) / any_value(total) AS chats_share
FROM chats
JOIN totals USING (period)
LEFT JOIN places USING (thread_id)
GROUP BY ALL
ORDER BY period, chats DESC, country;
