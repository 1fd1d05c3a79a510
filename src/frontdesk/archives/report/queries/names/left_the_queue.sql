-- Who left the queue
--
-- The latest customers who waited and left before any agent came: when, how long, on which page.
--
-- Source: Reports API 3.6, chats/queued_visitors_left
-- Readings: QUEUED
-- Needs: threads, thread_users, users

WITH names AS (
    SELECT user_id, arg_max(name, date) AS name, arg_max(email, date) AS email
    FROM users
    WHERE type = 'customer'
    GROUP BY user_id
)
SELECT
    period,
    strftime(local_time, '%Y-%m-%d %H:%M') AS started,
    customer_id,
    name AS customer,
    email,
    queue_seconds AS waited_seconds,
    start_url AS page,
    thread_id
FROM chats
LEFT JOIN names ON names.user_id = chats.customer_id
WHERE left_queue AND period = 'this'
ORDER BY local_time DESC, thread_id
LIMIT 25;
