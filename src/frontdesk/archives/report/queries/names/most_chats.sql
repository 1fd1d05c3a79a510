-- Customers with the most chats
--
-- The customers with several chats in the period, by name.
--
-- Source: our own
-- Readings: REPEATED_FROM
-- Needs: threads, users

WITH names AS (
    SELECT user_id, arg_max(name, date) AS name, arg_max(email, date) AS email
    FROM users
    WHERE type = 'customer'
    GROUP BY user_id
)
SELECT
    period,
    customer_id,
    any_value(name) AS customer,
    any_value(email) AS email,
    count(*) AS chats
FROM chats
LEFT JOIN names ON names.user_id = chats.customer_id
WHERE customer_id IS NOT NULL AND period = 'this'
GROUP BY period, customer_id
HAVING count(*) >= getvariable('repeated_from')
ORDER BY chats DESC, customer_id
LIMIT 25;
