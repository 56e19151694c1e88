// A session's life through Go's driver: text protocol, then prepared statements.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/go-sql-driver/mysql"
)

type caller struct {
	client string
	db     *sql.DB
}

func (c caller) step(name string, passed bool, got ...interface{}) {
	if passed {
		fmt.Printf("ok %s: %s\n", c.client, name)
	} else {
		fmt.Printf("not ok %s: %s %v\n", c.client, name, got)
	}
}

// call returns NULL as an invalid string.
func (c caller) call(function string, arguments ...interface{}) (sql.NullString, error) {
	var value sql.NullString
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(arguments)), ", ")
	err := c.db.QueryRow("SELECT "+function+"("+marks+")", arguments...).Scan(&value)
	return value, err
}

func (c caller) must(function string, arguments ...interface{}) sql.NullString {
	value, err := c.call(function, arguments...)
	if err != nil {
		fmt.Printf("not ok %s: %s %v\n", c.client, function, err)
	}
	return value
}

func decode(value sql.NullString) interface{} {
	var decoded interface{}
	if value.Valid && json.Unmarshal([]byte(value.String), &decoded) != nil {
		return value.String
	}
	return decoded
}

func same(got interface{}, expected string) bool {
	var decoded interface{}
	return json.Unmarshal([]byte(expected), &decoded) == nil && reflect.DeepEqual(got, decoded)
}

func (c caller) life() {
	data := `{"n": 1, "s": "\u00fc\ud83d\ude00\\"}`
	token := c.must("session_create", "anna", data, 100, "192.0.2.1", "Agent")
	c.step("create", len(token.String) == 43, token)
	got := decode(c.must("session_get", token))
	c.step("get", same(got, data), got)
	got = decode(c.must("session_touch", token))
	c.step("touch", same(got, data), got)
	got = decode(c.must("session_verify", token, "192.0.2.1", "Agent"))
	c.step("verify", same(got, data), got)
	value := c.must("session_set", token, `{"n": 2}`, nil, nil, nil, nil)
	c.step("set", value.String == "1", value)
	value = c.must("session_patch", token, `{"m": [1, null]}`)
	c.step("patch", value.String == "3", value)
	value = c.must("session_update", token, "{}", 2)
	c.step("a stale update", value.String == "0", value)
	info, _ := decode(c.must("session_info", token)).(map[string]interface{})
	c.step("info", info["user_id"] == "anna" && info["version"] == 3.0 &&
		same(info["data"], `{"n": 2, "m": [1, null]}`), info)
	list, _ := decode(c.must("session_list", "anna")).([]interface{})
	c.step("list", len(list) == 1, list)
	next := c.must("session_rotate", token, "berta")
	c.step("rotate", len(next.String) == 43 && !c.must("session_get", token).Valid, next)
	value = c.must("session_expire", next, 1000)
	c.step("expire", value.String == "1", value)
	value = c.must("session_revoke", next)
	c.step("revoke", value.String == "1" && !c.must("session_get", next).Valid, value)
	_, err := c.call("session_set", "with blank", "{}", nil, nil, nil, nil)
	failure, _ := err.(*mysql.MySQLError)
	c.step("an error", failure != nil && failure.Message == "invalid session id", err)
}

func main() {
	for _, form := range []struct{ name, option string }{
		{"Go, text", "interpolateParams=true"}, {"Go, prepared", "interpolateParams=false"},
	} {
		db, err := sql.Open("mysql", fmt.Sprintf("app@unix(%s)/%s?%s", os.Args[1], os.Args[2], form.option))
		if err != nil {
			panic(err)
		}
		caller{form.name, db}.life()
		db.Close()
	}
}
