-- What customers wrote with their ratings
--
-- The latest comments, the bad ratings first.
--
-- Source: the property `rating.comment`
-- Readings: RATING
-- Needs: threads, users

WITH names AS (
    SELECT user_id, arg_max(name, date) AS name FROM users WHERE type = 'customer' GROUP BY user_id
)
SELECT
    period,
    strftime(local_time, '%Y-%m-%d %H:%M') AS started,
    rating,
    rating_comment AS comment,
    name AS customer,
    thread_id
FROM chats
LEFT JOIN names ON names.user_id = chats.customer_id
WHERE rating_comment <> '' AND period = 'this'
ORDER BY rating, local_time DESC, thread_id
LIMIT 25;
