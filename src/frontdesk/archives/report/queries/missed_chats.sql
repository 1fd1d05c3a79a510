-- Missed chats
--
-- Chats in which nobody responded, and their share of all chats.
--
-- Source: Reports API 3.6 has none; chats/total_chats filtered by `routing.unreplied`
-- Readings: MISSED, RESPONSE
-- Needs: threads, events

SELECT
    period,
    count(*) FILTER (missed) AS chats,
    count(*) FILTER (missed) / count(*) AS chats_share
FROM chats
GROUP BY period;
