// The statements of the command line through go-sqlite3; see test_clients.py.
package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
)

func main() {
	extension, file, timeout := os.Args[1], os.Args[2], os.Args[3]
	sql.Register("covet", &sqlite3.SQLiteDriver{Extensions: []string{extension}})
	db, err := sql.Open("covet", "file:"+file+"?_busy_timeout="+timeout)
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	// Opening, the driver reads the schema, for a PRAGMA of its own, and waits for no
	// other writer but for the busy timeout.
	for try := 0; db.Ping() != nil; try++ {
		if try == 5000 {
			panic("cannot open")
		}
		time.Sleep(time.Millisecond)
	}

	token := ""
	for _, statement := range os.Args[4:] {
		if !strings.HasPrefix(statement, "SELECT") {
			if _, err := db.Exec(statement); err != nil {
				panic(err)
			}
			continue
		}
		var arguments []interface{}
		if strings.Contains(statement, "?") {
			arguments = append(arguments, token)
		}
		var answer sql.NullString
		if err := db.QueryRow(statement, arguments...).Scan(&answer); err != nil {
			fmt.Println("error:", err)
			continue
		}
		if len(answer.String) == 43 {
			token = answer.String
		}
		if !answer.Valid {
			answer.String = "NULL"
		}
		fmt.Println(answer.String)
	}
	if err := db.Close(); err != nil {
		fmt.Println("cannot close:", err)
	}

	open := 0
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		if target, err := os.Readlink(name); err == nil && strings.HasPrefix(target, file) {
			open++
		}
	}
	fmt.Println("open:", open)
}
