package cli_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// ofARecording are the commands that print or write something of the recordings in out.
var ofARecording = [][]string{
	{"export", "--har", "--out", "out/all.har"},
	{"check"},
	{"run", "--target", "again", "--format", "json", "--report", "out/report"},
	{"coverage", "sign-on", "sign-on", "--format", "json"},
	{"coverage", "out/report", "sign-on", "--format", "html"},
	{"coverage", "out/report", "sign-on", "--format", "markdown"},
	{"coverage", "out/report", "sign-on"},
	{"diff", "sign-on", "sign-on"},
	{"scaffold", "sign-on", "-o", "out/features"},
	{"mutate", "--target", "again", "--all", "--operators", "texts,ways,buttons", "--report", "out/mutants", "features/passing.feature"},
	{"mutate", "--target", "again", "--operators", "texts,fields", "--format", "html", "features/passing.feature"},
	{"mutate", "--target", "again", "--operators", "texts", "--format", "github", "features/passing.feature"},
	{"mutate", "--target", "again", "--operators", "texts", "--write-suggestions", "features/passing.feature"},
	{"mutate", "--target", "again", "--operators", "texts", "--write-mutants", "features/passing.feature"},
	{"mutate", "--target", "again", "features/failing.feature"},
}

// printedBy runs commands and returns what each printed.
func printedBy(t *testing.T, dir string, env map[string]string, commands [][]string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, args := range commands {
		got := command(t.Context(), dir, env, args...)
		name := strings.Join(args, " ")
		texts["stdout of "+name], texts["stderr of "+name] = got.out, got.errors
	}
	return texts
}

// anyWritten changes a text that has one of them. To look for hundreds of texts one
// after the other takes much longer.
var anyWritten = sync.OnceValue(func() *strings.Replacer {
	var pairs []string
	for _, texts := range writtenBy() {
		for text := range texts {
			pairs = append(pairs, text, "")
		}
	}
	return strings.NewReplacer(pairs...)
})

// noPassword looks for the passwords in texts.
func noPassword(t *testing.T, texts map[string]string) {
	t.Helper()
	for where, text := range texts {
		readable := legible(text)
		if anyWritten().Replace(text) == text && !strings.Contains(readable, "canary") {
			continue
		}
		for name := range passwords {
			assert.Empty(t, shownIn(text, readable, name), "the password %s in %s", name, where)
		}
	}
}

// mutatedOf are the features that mutate runs: one that passes on the recording of the parrot,
// types the password of each user, and looks at little; and one that fails with what was answered.
func mutatedOf(users []string) map[string]string {
	var passing, failing strings.Builder
	passing.WriteString("Feature: Passing\n")
	failing.WriteString("Feature: Failing\n")
	for _, user := range users {
		begin := "\n  Scenario: %s of " + user + "\n    Given the user \"" + user + "\"\n" + signOn("silent", "${user.password}", "a note")
		fmt.Fprintf(&passing, begin+"    Then the response status is 400\n", "It passes")
		fmt.Fprintf(&failing, begin+"    Then the flow reports \"another message\"\n    And \"@this\" is \"x\"\n", "It fails")
	}
	return map[string]string{"features/passing.feature": passing.String(), "features/failing.feature": failing.String()}
}

// generatedID is what a server makes for each journey and each start, and when.
var generatedID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{8}\b|[0-9a-f]{32,}|` +
	`127\.0\.0\.1:[0-9]+|[0-9]{2}:[0-9]{2}:[0-9]{2}`)

// withPassword is a request with a user name and a password, and misplaced are requests that have
// the password where it does not belong.
const withPassword = `{"parameters":{"eventType":"submit","data":{"actionKey":"SIGNON","formData":{"username":"silent","note":"a note","password":%[1]s}}}}`

var misplaced = []string{
	`{"parameters":{"eventType":"submit","data":{"actionKey":"SIGNON","formData":{"username":%[1]s,"password":%[1]s,"more":%[1]s}}}}`,
	`{"parameters":{"eventType":"action","data":{"actionKey":%[1]s,"formData":{"password":%[1]s}}}}`,
	`{%[1]s:%[1]s}`,
	`password=%[1]s`,
}

// servedTo returns what serve logs and shows of clients that send passwords in these requests.
func servedTo(t *testing.T, dir string, passwords map[string]string, requests ...string) map[string]string {
	t.Helper()
	var config strings.Builder
	config.WriteString("target: replay\ntargets:\n  replay:\n    type: replay\n    users:\n")
	names := slices.Sorted(maps.Keys(passwords))
	for _, name := range names {
		fmt.Fprintf(&config, "      %s: {username: %s, password: \"%s\"}\n", name, name, inJSON(passwords[name], true))
	}
	write(t, dir, map[string]string{"served.yaml": config.String()})
	s := serve(t, "--config", dir+"/served.yaml", "--inspect", dir+"/out/recordings")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, name := range names {
		for _, body := range requests {
			first := request(t, client, http.MethodGet, s.url(t, "sign-on"), "", nil)
			to := gjson.Get(first, "_links.next.href").String()
			require.NotEmpty(t, to, first)
			header := http.Header{"Interactionid": {gjson.Get(first, "interactionId").String()}, "Interactiontoken": {gjson.Get(first, "interactionToken").String()}}
			body = fmt.Sprintf(body, `"`+inJSON(passwords[name], true)+`"`)
			_ = request(t, client, http.MethodPost, to, body, header)
			_ = request(t, client, http.MethodPost, to+"?password="+url.QueryEscape(passwords[name]), body, header)
		}
	}
	texts := map[string]string{}
	for _, page := range []string{"", "inspect.json"} {
		texts["the inspect page "+page] = request(t, client, http.MethodGet, s.url(t, "the requests are shown at")+page, "", nil)
	}
	require.Zero(t, s.stop())
	texts["the log of serve"] = strings.Join(s.out, "\n") + s.talk.String()
	for where, text := range texts {
		texts[where] = generatedID.ReplaceAllString(changing.ReplaceAllString(text, ""), "ID")
	}
	return texts
}

// What serve logs and shows holds no password of a target's user, and is the same
// whatever that is where it is short.
func TestNoPasswordOfATargetIsInWhatServeShows(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	yaml, env := ofUsers(map[string]string{"alice": "correct-horse-battery"})
	dir, _ := overTLS(t, &parrot{asked: map[string]int{}, recorded: true}, yaml+"recordings: out/recordings\n")
	write(t, dir, mutatedOf([]string{"alice"}))
	got := command(t.Context(), dir, env, "record", "--target", "staging", "--rate", "10000", "features/passing.feature")
	require.NotContains(t, got.errors, "error:")

	texts := servedTo(t, dir, passwords, append(misplaced, withPassword)...)
	assert.Contains(t, texts["the log of serve"], "miss: ")
	assert.Greater(t, len(texts["the inspect page inspect.json"]), 1000)
	noPassword(t, texts)

	want := servedTo(t, dir, map[string]string{"alice": "correct-horse-battery"}, withPassword)
	for _, password := range []string{"a", "1", "wrong", "password", "400"} {
		for where, text := range servedTo(t, dir, map[string]string{"alice": password}, withPassword) {
			assert.Equal(t, want[where], text, "%q: %s", password, where)
		}
	}
}
