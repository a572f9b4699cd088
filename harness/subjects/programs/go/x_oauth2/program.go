// golang.org/x/oauth2 as a program under test. This file speaks the protocol; library.go holds what the library's
// documentation has an application write.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

type object = map[string]any

var output sync.Mutex

// version is what Debian says of the package that the program was built from.
func version() string {
	told, err := exec.Command("dpkg-query", "--show", "--showformat=${Version}", "golang-golang-x-oauth2-dev").Output()
	if err != nil {
		return "unknown"
	}
	return strings.SplitN(string(told), "-", 2)[0]
}

func answer(sent object, about object) (said object) {
	said = object{"id": sent["id"], "ok": true}
	defer func() {
		if failed := recover(); failed != nil {
			said = object{"id": sent["id"], "ok": false, "error": told(failed)}
		}
	}()
	switch sent["cmd"] {
	case "hello":
		said["protocol"] = 2
	case "start":
		begin(sent)
		said["subject"] = about
	case "clock":
		said["now"] = float64(now().UnixMicro()) / 1e6
	case "authorize":
		said["url"] = authorize()
	case "callback":
		callback(text(sent["url"]))
		said["refreshable"] = stored != nil && stored.RefreshToken != ""
	case "call":
		said["status"] = call(text(sent["resource"]))
	case "refresh":
		refresh()
	case "restart":
		forget()
		open()
	default:
		said = object{"id": sent["id"], "unsupported": true}
	}
	return said
}

func main() {
	about := object{"name": "golang.org/x/oauth2", "version": version(),
		"capabilities": []string{"refresh", "restart", "parallel", "clock", "visible_output"}}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var sent object
		_ = json.Unmarshal(lines.Bytes(), &sent)
		go func() { // callers may be under way at the same time
			line, _ := json.Marshal(answer(sent, about))
			output.Lock()
			defer output.Unlock()
			fmt.Println(string(line))
		}()
	}
}
