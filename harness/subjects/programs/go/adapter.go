// A client in Go as a program under test: go build -o client adapter.go client.go, then refreshproof run exec:./client
// Copy this, and put your own client in the place of what client.go holds.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func answer(sent object) (said object) {
	said = object{"id": sent["id"], "ok": true}
	defer func() {
		if failed := recover(); failed != nil {
			about, known := failed.(object)
			said = object{"id": sent["id"], "ok": false, "error": map[bool]object{true: about, false: {"class": "crash", "message": fmt.Sprint(failed)}}[known]}
		}
	}()
	switch sent["cmd"] {
	case "hello":
		said["protocol"] = 2
	case "start":
		app, grant = sent["registration"].(object), object{}
		line, _ := os.ReadFile(store())
		_ = json.Unmarshal(line, &grant)
		said["subject"] = object{"name": "Go sample", "version": "1", "capabilities": []string{"refresh", "restart", "clock", "visible_output"}}
	case "clock":
		said["now"] = now()
	case "authorize":
		said["url"] = authorize()
	case "callback":
		callback(text(sent["url"]))
		said["refreshable"] = text(grant["refresh"]) != ""
	case "call":
		said["status"] = call(text(sent["resource"]))
	case "refresh":
		if failed := renew(); failed != nil {
			panic(failed)
		}
	default:
		said = object{"id": sent["id"], "unsupported": true}
	}
	return said
}
func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var sent object
		_ = json.Unmarshal(lines.Bytes(), &sent)
		line, _ := json.Marshal(answer(sent))
		fmt.Println(string(line))
	}
}
