--# No token anywhere
-- The table holds digests.  Does anything else hold a token?  Looked for in all
-- files of the server (tables, indexes, write-ahead log), in its log and in a
-- dump; and the tablet's handle as a test of the search.

--@ as postgres
CHECKPOINT;
--> CHECKPOINT

--@ search_tokens handle visitor laptop phone tablet
