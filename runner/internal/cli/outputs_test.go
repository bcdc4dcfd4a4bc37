package cli_test

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"golang.org/x/text/unicode/norm"

	"flowtest/runner/internal/cli"
)

// passwords are those that some encoding has trouble with. Each has a word of its
// own, canary and its name, which is a part that most encodings leave as it is.
var passwords = map[string]string{
	"metacharacters": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~canarymetacharacters0",
	"composed":       norm.NFC.String("Pässwört-canarycomposed0-é"),
	"decomposed":     norm.NFD.String("Pässwört-canarydecomposed0-é"),
	"pictures":       "😀canarypictures0👩‍💻",
	"long":           "canarylong0" + strings.Repeat(`0aZ"&/+é`, 23),
	"within":         "canarywithin0-x",
	"around":         `<b>canarywithin0-x"canaryaround0`,
	"lines":          "canaryupperline0 of two\ncanarylines0 & more",
	"escapes":        `%41\u0041&lt;=3D\\canaryescapes0\`,
	"base64":         "Y2FuYXJ5canarybase640==",
	"spaces":         "canary spaces0 are  in it",
	"number":         "48151623421",
}

// writers are how services write a text into a page, a script, a URL or JSON.
var writers = map[string]func(string) string{
	"as it is":                    func(s string) string { return s },
	"Go: html.EscapeString":       html.EscapeString,
	"Go: json.Marshal":            func(s string) string { return inJSON(s, true) },
	"Go: strconv.Quote":           func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
	"browser: innerHTML":          strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace,
	"browser: URLSearchParams":    url.QueryEscape,
	"browser: encodeURIComponent": func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
	"browser: JSON.stringify":     func(s string) string { return inJSON(s, false) },
	"PHP: htmlspecialchars":       strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&#039;", "<", "&lt;", ">", "&gt;").Replace,
	"PHP: json_encode":            func(s string) string { return strings.ReplaceAll(unitsOf(inJSON(s, false)), "/", `\/`) },
	".NET: HtmlEncode":            func(s string) string { return numbersOf(html.EscapeString(s)) },
	".NET: System.Text.Json": func(s string) string {
		return strings.NewReplacer(`\"`, `\u0022`, "'", `\u0027`, "+", `\u002B`).Replace(unitsOf(inJSON(s, true)))
	},
	"Java: Gson": func(s string) string {
		return strings.NewReplacer("=", `\u003d`, "'", `\u0027`).Replace(inJSON(s, true))
	},
	"Python: json.dumps":            func(s string) string { return unitsOf(inJSON(s, false)) },
	"Python: html.escape":           strings.NewReplacer("&", "&amp;", `"`, "&quot;", "'", "&#x27;", "<", "&lt;", ">", "&gt;").Replace,
	"Python: bytes.hex":             func(s string) string { return hex.EncodeToString([]byte(s)) },
	"mustache":                      strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "/", "&#x2F;", "`", "&#x60;", "=", "&#x3D;").Replace,
	"Base64":                        encodings["base64"],
	"the other form of its Unicode": otherForm,
	"JSON in JSON":                  func(s string) string { return inJSON(inJSON(s, true), true) },
	"HTML of an element and its end": func(s string) string {
		return "<i title=\"" + html.EscapeString(s) + "\">" + html.EscapeString(s) + "</i>"
	},
}

// unitsOf writes what is not ASCII as JSON of only ASCII does.
func unitsOf(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		if u < 128 {
			b.WriteByte(byte(u))
		} else {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.String()
}

// otherForm writes a text in the other form of Unicode.
func otherForm(s string) string {
	if composed := norm.NFC.String(s); composed != s {
		return composed
	}
	return norm.NFD.String(s)
}

// numbersOf writes what is not ASCII by its numbers in HTML.
func numbersOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 128 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

// parrot is a service that repeats the passwords that it was sent, where the user
// name asks for it, and again at the start of every later journey.
type parrot struct {
	mu    sync.Mutex
	heard []string
	asked map[string]int // by the user name

	recorded bool // each journey has an id of its own, so that a replay of a recording goes on
	started  int  // journeys
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: "en", Path: "/"})
	http.SetCookie(w, &http.Cookie{Name: "stepIndex", Value: "0", Path: "/"})
	if r.Method == http.MethodGet {
		screen := (*hostile)(nil).screen(r, "Sign On Form", "Username", strings.Join(p.heard, " "))
		if p.recorded {
			p.started++
			screen["interactionId"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", p.started)
		}
		screen["companyId"] = "0f10e7e5-7000-4000-8000-000000000001"
		p.answer(w, http.StatusOK, screen)
		return
	}
	form := gjson.GetBytes(body, "parameters.data.formData")
	user, password := form.Get("username").String(), form.Get("password").String()
	p.asked[user]++
	answer := map[string]any{"interactionId": cmp.Or(r.Header.Get("interactionId"), "i1"), "id": "n2", "capabilityName": "checkPassword", "code": "invalid-1", "message": "That was wrong"}
	switch {
	case strings.HasPrefix(user, "echo"):
		p.repeat(w, answer, password)
	case strings.HasPrefix(user, "plain"):
		answer["message"] = "That was wrong: " + password
	}
	if strings.Contains(user, "flaky") && p.asked[user] == 1 && !p.recorded { // of two answers a recording keeps the first
		answer["status"], answer["error"] = "FAILED", map[string]any{"code": "x", "message": answer["message"]}
		if !p.recorded { // a recording keeps the answer of the journey that ended first
			p.answer(w, http.StatusOK, answer)
			return
		}
	}
	p.answer(w, http.StatusBadRequest, answer)
}

// repeat puts a password into an answer, as every writer writes it.
func (p *parrot) repeat(w http.ResponseWriter, answer map[string]any, password string) {
	half := len(password) / 2
	for !strings.HasPrefix(password[half:], strings.ToValidUTF8(password[half:], "")) { // in no character
		half++
	}
	said := map[string]any{
		"keys":   map[string]any{password: map[string]any{"a " + password: 1}},
		"script": `<script>var p = "` + inJSON(password, true) + `";</script>`,
		"split":  "<p>" + html.EscapeString(password[:half]) + `<b class="x">` + html.EscapeString(password[half:]) + "</b></p>",
	}
	var words strings.Builder
	for _, name := range slices.Sorted(maps.Keys(writers)) {
		said[name] = writers[name](password)
		words.WriteString(" (" + writers[name](password) + ")")
	}
	answer["details"], answer["message"], answer["code"] = []any{map[string]any{"rawResponse": said}}, "refused"+words.String(), password
	w.Header().Set("X-Echo", url.QueryEscape(password))
	w.Header().Set("Location", "https://app.example.test/back?message="+url.QueryEscape(password))
	http.SetCookie(w, &http.Cookie{Name: "last", Value: url.PathEscape(password), Path: "/"})
	if p.heard = append(p.heard, password, html.EscapeString(password)); len(p.heard) > 8 {
		p.heard = p.heard[2:]
	}
}

func (*parrot) answer(w http.ResponseWriter, status int, body map[string]any) {
	(*hostile)(nil).json(w, status, body)
}

// signingOn are scenarios of one user: one passes, one fails in several ways of
// looking, one is flaky, and the last is a document of its own.
func signingOn(user, how string) string {
	at := func(title, mode, end string) string {
		return "\n  Scenario: " + title + " of " + user + "\n    Given the user \"" + user + "\"\n" +
			signOn(how+mode+user, "${user.password}", "a note") + end
	}
	return "Feature: Signing on as " + user + "\n" + at("It passes", "passes", "    Then the response status is 400\n") +
		at("It is flaky", "flaky", "    Then the response status is 400\n") +
		at("It fails", "fails", "    Then the response status is 400\n    And the flow reports \"another message\"\n") +
		at("Its body fails", "body", "    Then \"@this\" is \"x\"\n") +
		at("Its message fails", "message", "    Then \"message\" is \"${user.username}0\"\n") +
		at("It does not run", "never", "    Then the flow completes\n")
}

// ofUsers returns the configuration of users with these passwords, and its environment.
func ofUsers(passwords map[string]string) (yaml string, env map[string]string) {
	env = map[string]string{}
	var b strings.Builder
	b.WriteString("    users:\n")
	for _, name := range slices.Sorted(maps.Keys(passwords)) {
		variable := "PASSWORD_OF_" + strings.ToUpper(name)
		env[variable] = passwords[name]
		fmt.Fprintf(&b, "      %s: {username: %s, password: \"${%s}\"}\n", name, name, variable)
	}
	return b.String(), env
}

// writtenBy are the texts of each password as services write it, and the way of each: many
// write the same.
var writtenBy = sync.OnceValue(func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for name, password := range passwords {
		out[name] = map[string]string{}
		for how, write := range writers {
			text := write(password)
			for _, again := range []string{text, inJSON(text, true), inJSON(text, false), html.EscapeString(text)} {
				out[name][again] = how
			}
		}
	}
	return out
})

// shownIn returns the ways in which a text shows a password.
func shownIn(text, readable, name string) []string {
	var out []string
	if strings.Contains(readable, "canary"+name+"0") {
		out = append(out, "its word")
	}
	for written, how := range writtenBy()[name] {
		if strings.Contains(text, written) {
			out = append(out, how)
		}
	}
	return out
}

// Whatever a service does with the password of a target's user, it is in nothing
// that flowtest prints or writes: of no scenario, and in no format.
func TestNoPasswordOfATargetIsInAnyOutput(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	yaml, env := ofUsers(passwords)
	for what, args := range map[string][]string{
		"all files":                   append([]string{"run"}, everything...),
		"annotations":                 {"run", "--format", "github", "--report", "out/report", "--conformance", "off", "--retries", "1", "--retry-on", "flow", "--max-refused", "99"},
		"JSON":                        {"run", "--format", "json", "--fail-fast"},
		"progress":                    {"run", "--format", "progress", "--fail-fast", "--report", "out/report"},
		"a recording that is refused": {"record", "--target", "staging", "--out", "out/recordings"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, _ := overTLS(t, &parrot{asked: map[string]int{}}, yaml)
			require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
			for name := range passwords {
				write(t, dir, map[string]string{"features/" + name + ".feature": signingOn(name, "echo")})
			}
			got := command(t.Context(), dir, env, append(args, "--rate", "10000")...)
			require.Equal(t, args[0] == "record", got.code == cli.ExitUsage, got.errors)
			texts := written(t, dir)
			texts["stdout"], texts["stderr"] = got.out, got.errors
			if what == "all files" {
				assert.Contains(t, got.out, "# known-failures.yaml")
				for _, name := range []string{"m.json", "m.md", "m.txt", "report/messages.ndjson", "report/report.html", "report/junit.xml"} {
					assert.Contains(t, texts, "/out/"+name)
				}
			}
			if what == "annotations" {
				assert.Contains(t, texts["/out/report/report.json"], `"status":"flaky"`)
				assert.Contains(t, texts["/out/report/report.json"], `"status":"passed"`)
			}
			noPassword(t, texts)
		})
	}
}

// Nor is it in a recording, in what is exported of one, or in what a replay of it
// prints.
func TestNoPasswordOfATargetIsInARecording(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	yaml, env := ofUsers(passwords)
	dir, _ := overTLS(t, &parrot{asked: map[string]int{}, recorded: true}, yaml+"  again:\n    type: replay\n"+yaml+"recordings: out/recordings\n")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
	for name := range passwords {
		write(t, dir, map[string]string{"features/" + name + ".feature": signingOn(name, "plain")})
	}
	write(t, dir, mutatedOf(slices.Sorted(maps.Keys(passwords))))
	texts := printedBy(t, dir, env, append([][]string{{"record", "--target", "staging", "--out", "out/recordings", "--rate", "10000"}}, ofARecording...))
	maps.Copy(texts, written(t, dir))
	assert.NotEmpty(t, texts["/out/mutants/mutants.html"])
	assert.Contains(t, texts, "/out/recordings/sign-on/recording.yaml")
	assert.Contains(t, texts, "/out/all.har")
	noPassword(t, texts)
}

// A password that is a letter or a common word, and cookies that are settings, change
// no word, number, name or verdict of what flowtest prints or writes.
func TestAShortPasswordChangesNoOutput(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	run := func(t *testing.T, password string) map[string]string {
		t.Helper()
		yaml, env := ofUsers(map[string]string{"alice": password})
		dir, base := overTLS(t, &parrot{asked: map[string]int{}}, yaml)
		require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
		write(t, dir, map[string]string{"features/a.feature": signingOn("alice", "silent")})
		got := command(t.Context(), dir, env, append([]string{"run", "--rate", "10000"}, everything...)...)
		require.Equal(t, cli.ExitFailed, got.code, got.errors)
		texts := written(t, dir)
		texts["stdout"], texts["stderr"] = got.out, got.errors
		for where, text := range texts {
			texts[where] = lasting(text, base, dir)
		}
		return texts
	}
	want := run(t, "correct-horse-battery")
	require.Contains(t, want["stdout"], "It is flaky of alice")
	for _, password := range []string{"a", "1", "0", "en", "wrong", "password", "alice", "400"} {
		t.Run(password, func(t *testing.T) {
			t.Parallel()
			for where, text := range run(t, password) {
				evidence := strings.HasSuffix(where, ".html") || strings.HasSuffix(where, ".ndjson")
				if evidence && (password == "0" || password == "en") {
					continue // a cookie of the evidence has it as its whole value, which is hidden
				}
				assert.Equal(t, want[where], text, where)
			}
		})
	}
}

// cannotTell is what record says about a password that is a key or a status too.
var cannotTell = regexp.MustCompile(`flowtest: warning: sign-on: the password of the user "alice" is also a key, a status or a name in .*: ` +
	`it stays there, and only values are replaced\n`)

// Nor does it change what is recorded, or what is made of that: the HAR file, the checks, a
// replay, the coverage, features and changes of it.
func TestAShortPasswordChangesNoRecording(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	recording := []string{"record", "--target", "staging", "--rate", "10000", "features/passing.feature"}
	run := func(t *testing.T, password string) map[string]string {
		t.Helper()
		yaml, env := ofUsers(map[string]string{"alice": password})
		dir, base := overTLS(t, &parrot{asked: map[string]int{}, recorded: true}, yaml+"  again:\n    type: replay\n"+yaml+"recordings: out/recordings\n")
		require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
		write(t, dir, mutatedOf([]string{"alice"}))
		texts := printedBy(t, dir, env, append([][]string{recording}, ofARecording...))
		maps.Copy(texts, written(t, dir))
		for where, text := range texts {
			texts[where] = generatedID.ReplaceAllString(lasting(text, base, dir), "ID")
		}
		return texts
	}
	want := run(t, "correct-horse-battery")
	require.Contains(t, want, "/out/recordings/sign-on/recording.yaml")
	require.Contains(t, want["/out/all.har"], `"password"`)
	require.NotEmpty(t, want["/out/mutants/mutants.html"])
	for _, password := range []string{"a", "1", "id", "wrong", "password"} {
		t.Run(password, func(t *testing.T) {
			t.Parallel()
			for where, text := range run(t, password) {
				if where == "stderr of "+strings.Join(recording, " ") {
					text = cannotTell.ReplaceAllString(text, "")
				}
				assert.Equal(t, want[where], text, where)
			}
		})
	}
}
