-- Chats
--
-- Chats that started in the period, and the continuous ones among them.
--
-- Source: Reports API 3.6, chats/total_chats
-- Readings: CHAT, START, CLOSED
-- Needs: threads

SELECT period, count(*) AS chats, count(*) FILTER (continuous) AS continuous_chats
FROM chats
GROUP BY period;
