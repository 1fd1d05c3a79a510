-- Repeated customers
--
-- Customers of the period, those of them with several chats, and how many chats these had.
--
-- Source: our own; the Reports API has none
-- Readings: REPEATED_FROM
-- Needs: threads

WITH customers AS (
    SELECT period, customer_id, count(*) AS chats
    FROM chats
    WHERE customer_id IS NOT NULL
    GROUP BY period, customer_id
)
SELECT
    period,
    count(*) AS customers,
    count(*) FILTER (chats >= getvariable('repeated_from')) AS repeated_customers,
    count(*) FILTER (chats >= getvariable('repeated_from')) / count(*) AS repeated_share,
    coalesce(sum(chats) FILTER (chats >= getvariable('repeated_from')), 0)::BIGINT
        AS chats_of_repeated
FROM customers
GROUP BY period;
