package cli_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

// everything are the flags that make a run write all that it can.
var everything = []string{
	"--conformance", "out/m.json", "--conformance", "out/m.md", "--conformance", "out/m.txt", "--report", "out/report",
	"--write-known-failures", "--strict", "--require-exercised", "must",
}

// written returns what a run wrote below the folder out, by its path.
func written(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "out"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out[filepath.ToSlash(strings.TrimPrefix(path, dir))] = unpacked(string(text))
		return err
	}))
	return out
}

// changing are the parts of outputs that differ from run to run.
var changing = regexp.MustCompile(`"(duration|timestamp|began|took|seconds)":\s*("[^"]*"|[0-9.e-]+),?|(time|timestamp)="[^"]*"|` +
	`\s*<span class="meta">(&lt;)? ?[0-9.]+ ?m?s</span>|[ (·]*(&lt;|<)? ?[0-9.]+ ?m?s\b\)?|` +
	`\\?"(seconds|nanos|nanoseconds)\\?":[0-9]+,?|` +
	`[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]+ GMT|[0-9]+ [A-Z][a-z]+ [0-9]{4}, [0-9:]+ UTC|` +
	`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)|(?m)^flowtest: (reading|[0-9]+ of) .*\n`)

// lookedAt has the lines of the outputs, and what is left of each: most are the same in every run.
var lookedAt sync.Map

// lasting returns what does not differ from run to run of an output of a run in dir against
// base. All that differs has a digit, or is a line of talk; the other lines of a page, which
// are many, need no look.
func lasting(text, base, dir string) string {
	text = strings.NewReplacer(strings.TrimPrefix(base, "https://"), "SERVICE", dir, "DIR", strings.ReplaceAll(dir, "/", "."), "DIR").Replace(text)
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.ContainsAny(line, "0123456789") || strings.HasPrefix(line, "flowtest: ") {
			left, ok := lookedAt.Load(line)
			if !ok {
				left = changing.ReplaceAllString(line, "")
				lookedAt.Store(strings.Clone(line), left)
			}
			line = left.(string) //nolint:errcheck,forcetypeassert // it was stored above
		}
		b.WriteString(line)
	}
	return b.String()
}

// pack is a part of a report's page that is compressed.
var pack = regexp.MustCompile(`id="pack\d+">([A-Za-z0-9+/=]+)`)

// unpacked puts what is compressed in a page in its place as a text.
func unpacked(page string) string {
	return pack.ReplaceAllStringFunc(page, func(found string) string {
		_, text, _ := strings.Cut(found, ">")
		r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
		if err != nil {
			return found
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			return found
		}
		return string(plain)
	})
}

// noLeak looks for canaries in texts.
func noLeak(t *testing.T, texts map[string]string, names []string) {
	t.Helper()
	for where, text := range texts {
		all := legible(text)
		for at := 0; ; at++ {
			next := strings.Index(all[at:], coreBegins)
			if next < 0 {
				break
			}
			at += next
			for _, name := range names {
				if strings.HasPrefix(all[at:], core(name)) {
					assert.Fail(t, "it leaks", "%s in %s: …%s…", name, where, all[max(0, at-200):min(len(all), at+100)])
				}
			}
		}
	}
}

// verifiers are the runs of text that are long enough for a PKCE verifier. Megabytes
// are looked at: a regular expression that counts takes ten seconds for them.
func verifiers(text string) []string {
	const shortest = 43
	var runs []string
	begin := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && base64Digit[text[i]] && text[i] != '+' && text[i] != '/' {
			continue
		}
		if i-begin >= shortest {
			runs = append(runs, text[begin:i])
		}
		begin = i + 1
	}
	return runs
}

// canaryNames are those of ofAlice and of hostile.
func canaryNames() []string {
	names := append([]string{"typed", "variable", "clientsecretoftheapp"}, minted...)
	for _, attribute := range secretAttributes {
		names = append(names, "alice"+attribute)
	}
	return names
}

func TestNoSecretIsInAnyOutputOfARunAgainstAHostileService(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	yaml, env := ofAlice()
	for what, text := range hostileFeatures() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := &hostile{}
			dir, _ := overTLS(t, h, yaml)
			require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
			write(t, dir, map[string]string{"features/a.feature": text})
			got := command(t.Context(), dir, env, append([]string{"run", "--rate", "10000"}, everything...)...)
			require.Equal(t, cli.ExitFailed, got.code, got.errors)
			files := written(t, dir)
			for _, name := range []string{"/out/m.json", "/out/m.md", "/out/m.txt", "/out/report/messages.ndjson"} {
				require.Contains(t, files, name)
			}
			assert.Contains(t, files["/out/m.json"], `"result": "failed"`, "the service breaks much, so there is much to show")
			assert.Contains(t, got.out, "# known-failures.yaml")
			require.Greater(t, strings.Count(got.out, "[redacted]"), 20)
			files["stdout"], files["stderr"] = got.out, got.errors
			if strings.HasPrefix(what, "every s") {
				for _, args := range [][]string{{"run", "--rate", "10000", "--format", "progress"}, {"run", "--target", "none"}, {"check"}} {
					got := command(t.Context(), dir, env, args...)
					files[strings.Join(args, " ")] = got.out + got.errors
				}
			}
			noLeak(t, files, canaryNames())
			assert.NotEmpty(t, h.challenges)
			for where, text := range files {
				for _, run := range verifiers(text) {
					sum := sha256.Sum256([]byte(run))
					assert.False(t, slices.Contains(h.challenges, base64.RawURLEncoding.EncodeToString(sum[:])), "the PKCE verifier is in %s", where)
				}
			}
		})
	}
}

// A password of the environment is in none of the files, and neither is the name
// of a flow that comes from there.
func TestNoValueOfTheEnvironmentIsInTheFilesOfARun(t *testing.T) {
	t.Parallel()
	const begin = "    Given the flow \"sign-on\"\n    When I start the flow\n"
	const fill = "    And I fill in \"password\" with \"${env.CANARY_TYPED}\"\n"
	for name, text := range map[string]string{
		"a pass":                 begin + fill,
		"a failure":              begin + fill + "    Then the flow completes\n",
		"a failure before it":    begin + "    Then the flow completes\n" + fill,
		"a variable in the flow": "    Given the flow \"${env.CANARY_FLOW}\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
			write(t, dir, map[string]string{"a.feature": "Feature: F\n  Scenario: S\n" + text})
			env := map[string]string{"CANARY_FLOW": core("x"), "CANARY_TYPED": canary("x")}
			got := command(t.Context(), dir, env, append([]string{"run", "a.feature"}, everything...)...)
			require.Equal(t, cli.ExitFailed, got.code, got.errors)
			files := written(t, dir)
			require.Contains(t, files, "/out/m.json")
			files["stdout"], files["stderr"] = got.out, got.errors
			noLeak(t, files, []string{"x"})
		})
	}
}

// witness holds every scenario that a run reports.
type witness struct {
	report.Discard

	list []*report.Scenario
}

// Scenario implements [report.Reporter].
func (k *witness) Scenario(s *report.Scenario) { k.list = append(k.list, s) }

// The evidence of every hop is without secrets, before any format cuts it.
func TestNoSecretIsInTheEvidenceOfARun(t *testing.T) {
	t.Parallel()
	yaml, env := ofAlice()
	lookup := func(name string) (string, bool) {
		v, ok := env[name]
		return v, ok
	}
	all := hostileFeatures()
	for _, what := range []string{"every assertion", "every secret of a user", "encoding html-names", "encoding json-slash"} {
		text := all[what]
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, _ := overTLS(t, &hostile{}, yaml)
			write(t, dir, map[string]string{"features/a.feature": text})
			file, err := target.Load(os.DirFS(dir), "flowtest.yaml", lookup)
			require.NoError(t, err)
			live, err := file.Choose("")
			require.NoError(t, err)
			require.NotNil(t, live.Live)
			k := &witness{}
			_, err = (&runner.Suite{
				Features: []runner.Source{{FS: os.DirFS(dir), Path: "features"}}, Target: live, Env: lookup, Evidence: true,
				Reporter: k, Rate: 10_000,
			}).Run(t.Context())
			require.NoError(t, err)
			hops, texts := 0, map[string]string{}
			for _, s := range k.list {
				for i := range s.Hops {
					h := &s.Hops[i]
					require.NotNil(t, h.Evidence)
					hops++
					e := *h.Evidence
					texts[fmt.Sprintf("%s, hop %d", s.Name, h.Number)] = fmt.Sprintf("%+v %s %s %+v", e, e.Body, e.RequestBody, e.Screen)
				}
				if s.Conformance != nil {
					texts[s.Name+", conformance"] = fmt.Sprintf("%+v", *s.Conformance)
				}
			}
			assert.Greater(t, hops, 10)
			noLeak(t, texts, canaryNames())
		})
	}
}

// What the check of a recording says holds nothing that a user types.
func TestNoSecretIsInACheckOfBrokenRecordings(t *testing.T) {
	t.Parallel()
	dir := recordingsOfSignOn(t)
	broken := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		broken++
		return os.WriteFile(path, []byte(strings.Replace(string(text), `"capabilityName": "`, `"capabilityName": "x`, 1)), 0o600)
	}))
	require.Positive(t, broken)
	config := filepath.Join(filepath.Dir(dir), "flowtest.yaml")
	write(t, filepath.Dir(dir), map[string]string{"flowtest.yaml": "targets:\n  replay:\n    type: replay\n    users:\n      alice: {username: alice, password: " +
		core("ofalice") + "}\n"})
	got := command(t.Context(), filepath.Dir(dir), nil, "check", "--config", config)
	assert.Equal(t, cli.ExitFailed, got.code)
	assert.Contains(t, got.out, recordings.FileName+":")
	noLeak(t, map[string]string{"stdout": got.out, "stderr": got.errors}, []string{"ofalice"})
}
