--# No token anywhere
-- The table holds digests.  Does anything else hold a token?  Looked for in all
--@ only postgresql
-- files of the server (tables, indexes, write-ahead log), in its log and in a
-- dump; and the tablet's handle as a test of the search.

--@ as postgres
CHECKPOINT;
--> CHECKPOINT
--@ only sqlite
-- files of the database and in a dump; and the tablet's handle as a test of the
-- search.
--@ both

--@ search_tokens handle visitor laptop phone tablet
