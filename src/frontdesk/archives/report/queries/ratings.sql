-- Ratings
--
-- Chats rated good and bad, the share of chats that were rated, the share of the ratings that are
-- good, and the score by the formula of the ranking.
--
-- Source: Reports API 3.6, chats/ratings; the score is that of chats/ranking over all agents
-- Readings: RATING, SCORE
-- Needs: threads

WITH counts AS (
    SELECT
        period,
        count(*) AS chats,
        count(*) FILTER (rating = 'good') AS good,
        count(*) FILTER (rating = 'bad') AS bad
    FROM chats
    GROUP BY period
)
SELECT
    period,
    good,
    bad,
    (good + bad) / chats AS rated_share,
    good / nullif(good + bad, 0) AS good_share,
    ranking_score(good, bad) AS score
FROM counts;
