-- Chats by weekday and hour
--
-- Chats by the weekday and the hour in which they started. Weekday 1 is Monday.
--
-- Source: our own; the Reports API has hours of a day (distribution `hour`)
-- Readings: CHAT, START
-- Needs: threads

SELECT period, isodow(local_time) AS weekday, hour(local_time) AS hour, count(*) AS chats
FROM chats
GROUP BY ALL
ORDER BY ALL;
