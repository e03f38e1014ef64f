-- Records lead to each operator who stands behind them: the rows of the look-up index that are missing are made from the records at
-- the first start, beside those that are there.
INSERT OR REPLACE INTO reindex SELECT id, 0 FROM tree WHERE size > 0;
