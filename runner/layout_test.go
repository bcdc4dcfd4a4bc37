package runner_test

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the folder of go.mod, seen from this package.
const root = ".."

// module is the import path of root.
const module = "flowtest"

// topLevel is the owner's list: nothing else is beside go.mod.
var topLevel = []string{
	"go.mod", "go.sum", "features", "steps", "mockserver", "recordings", "runner", ".github", "README.md",
	".ci", ".gitignore", ".gitattributes", ".git", ".vscode", "LICENSE",
}

// imports is the whole import graph, a line an importer; any other arrow is a
// fault. A new package may have its line before it is written, so that a line may name a
// package that is not there yet. An arrow that runs back up is a design fault.
//
//nolint:dupword // a line may begin with the word that ended the line before
const imports = `
	runner/cmd/flowtest           → runner/cmd/flowtest/internal/nogo, runner/internal/cli
	runner/cmd/flowtest/internal/nogo → nothing
	runner/internal/cli           → runner/internal/git, runner/internal/mutate/since, runner/internal/tenant/execlog, runner/internal/store, runner/internal/tenant/local, runner/internal/tenant/users, runner/internal/tenant, runner/internal/tenant/fake, runner/internal/mutate, runner/internal/schema, runner/internal/vocabulary, runner/internal/export, runner/internal/export/cover, runner/internal/export/edit, runner/internal/export/lint, runner/internal/export/synth, runner/internal/export/scaffold, runner/internal/walk, runner, runner/report, runner/internal/target, runner/internal/diff, runner/internal/proxy, features, recordings, runner/internal/har, runner/internal/learn, mockserver, steps, steps/conformance, steps/secret, steps/words, steps/davinci, runner/internal/output, runner/internal/exercised, runner/internal/listen, runner/internal/safefile, runner/internal/watch, runner/internal/stop, runner/internal/output/digest, runner/internal/output/stream, runner/internal/record, runner/internal/backend, runner/internal/check, runner/internal/known, runner/internal/mutate/show
	runner                        → runner/internal/stop, steps, steps/generated, steps/flow, steps/conformance, steps/davinci, steps/secret, mockserver, recordings, runner/report, runner/internal/target, runner/internal/exercised, runner/internal/backend, runner/internal/feature, runner/internal/known, steps/words, runner/internal/safehtml
	runner/report                 → steps/conformance
	runner/internal/output        → runner/internal/output/digest, runner/internal/output/page, runner/internal/output/stream, runner/report, steps/conformance, steps/words, runner/internal/safefile
	runner/internal/output/page   → runner/internal/safehtml, runner/internal/output/digest, runner/report, steps/conformance, steps/words
	runner/internal/output/stream → runner/internal/output/digest, runner/internal/feature, runner/report, steps/conformance, steps/words
	runner/internal/output/digest → runner/report, steps/conformance, steps/words
	runner/internal/safehtml      → nothing
	runner/internal/schema        → nothing
	runner/internal/vocabulary    → steps, runner/internal/suggest
	runner/internal/exercised     → runner/report, steps/conformance
	runner/internal/target        → runner/internal/safefile, steps/secret, steps/words, recordings/strictyaml
	runner/internal/export        → steps/davinci, steps/words
	runner/internal/export/synth  → runner/internal/export, recordings, steps/davinci, steps/words
	runner/internal/export/scaffold → runner/internal/walk, recordings, steps/davinci, steps/words
	runner/internal/export/edit   → runner/internal/diff, runner/internal/export, steps/davinci, steps/words
	runner/internal/export/cover  → runner/internal/export, runner/internal/walk, recordings, steps/davinci, steps/words
	runner/internal/export/lint   → runner/internal/export, runner/internal/walk, recordings, steps/conformance, steps/davinci, steps/flow, steps/words
	runner/internal/tenant        → runner/internal/target, steps/davinci, steps/flow, steps/secret, steps/words
	runner/internal/tenant/execlog → runner/internal/tenant, steps/davinci, steps/secret, steps/words
	runner/internal/tenant/fake   → nothing
	runner/internal/tenant/local  → runner/internal/tenant/fake, runner/internal/tenant/users, mockserver, recordings, steps/davinci
	runner/internal/tenant/mail   → runner/internal/target, steps/words
	runner/internal/tenant/users  → runner/internal/tenant, steps/generated, steps/secret, steps/words
	runner/internal/suggest       → steps, steps/words
	runner/internal/diff          → recordings, steps/flow, steps/conformance, steps/words, steps/davinci
	runner/internal/proxy         → recordings, steps/davinci
	runner/internal/walk          → recordings, steps/davinci, steps/flow, steps/generated
	runner/internal/har           → runner/internal/walk, recordings, steps/words, steps/davinci
	runner/internal/record        → runner/internal/store, runner/internal/walk, runner, runner/report, runner/internal/target, runner/internal/learn, runner/internal/har, runner/internal/diff, recordings, steps/davinci, steps/flow, steps/words, steps/secret, steps/conformance, runner/internal/backend, steps/generated
	runner/internal/listen        → runner/internal/safefile
	runner/internal/store         → runner/internal/safefile, recordings
	runner/internal/safefile      → nothing
	runner/internal/watch         → nothing
	runner/internal/stop          → nothing
	runner/internal/backend       → runner/internal/tenant/execlog, runner/internal/tenant, runner/internal/tenant/mail, runner/internal/tenant/users, mockserver, recordings, runner/internal/target, steps, steps/davinci, steps/flow, steps/secret, steps/words, steps/generated
	runner/internal/learn         → recordings, steps/words, steps/davinci, steps/secret, steps/generated
	runner/internal/feature       → runner/internal/stop, runner/internal/safefile, steps, steps/words, runner/internal/suggest, recordings/strictyaml
	runner/internal/known         → runner/internal/export/lint, runner/report, runner/internal/feature, steps/conformance, steps/secret, steps/words, recordings/strictyaml
	runner/internal/check         → runner/internal/walk, runner, runner/internal/backend, runner/internal/feature, runner/internal/known, mockserver, recordings, runner/internal/target, steps, steps/conformance, steps/davinci, steps/flow, steps/secret, steps/words, steps/generated
	runner/internal/mutate        → runner/internal/known, runner, runner/internal/feature, runner/report, mockserver, recordings, steps/davinci, steps/flow, steps/words
	runner/internal/mutate/since  → runner/internal/git, runner/internal/mutate, recordings
	runner/internal/git           → nothing
	runner/internal/mutate/show   → runner/internal/mutate, runner/internal/output, runner/internal/output/digest, runner/internal/output/page, runner/internal/safehtml, steps/davinci, steps/words
	runner/gotest                 → runner, runner/report, runner/internal/output
	steps                         → steps/flow, steps/conformance, steps/davinci, steps/secret, steps/words, steps/generated
	steps/conformance             → steps/flow, steps/davinci, steps/words
	steps/flow                    → steps/davinci, steps/secret, steps/words
	mockserver                    → recordings, steps/words, steps/davinci, mockserver/internal/fault, mockserver/internal/inspect, mockserver/internal/oauth, mockserver/internal/passkey, mockserver/internal/expiring, mockserver/internal/wire
	mockserver/internal/fault     → mockserver/internal/expiring, mockserver/internal/wire, steps/words, steps/davinci
	mockserver/internal/oauth     → mockserver/internal/expiring, mockserver/internal/wire
	mockserver/internal/inspect   → recordings
	mockserver/internal/passkey   → steps/davinci
	mockserver/internal/expiring  → nothing
	mockserver/internal/wire      → nothing
	recordings                    → recordings/strictyaml, steps/words, steps/davinci, steps/generated
	recordings/strictyaml         → steps/words
	features                      → nothing
	steps/generated               → steps/davinci
	steps/davinci                 → nothing
	steps/words                   → nothing
	steps/secret                  → nothing
`

// A graph holds, for every package of the graph, the packages it may import.
// All are named by their folder, as in "steps/flow".
type graph map[string][]string

// parse reads a graph.
func parse(text string) graph {
	g := graph{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), "→")
		from, to = strings.TrimSpace(from), strings.TrimSpace(to)
		g[from] = []string{}
		if to != "nothing" {
			g[from] = strings.Split(to, ", ")
		}
	}
	return g
}

// leads reports whether arrows lead from one package to another.
func (g graph) leads(from, to string) bool {
	return slices.ContainsFunc(g[from], func(next string) bool { return next == to || g.leads(next, to) })
}

// A unit is what the layout has to know of one package of ours.
type unit struct {
	path        string   // its folder
	undescribed bool     // it has Go files and no package comment
	imports     []string // packages of ours that it imports, by their folders
	testImports []string // the same for its tests
}

// faults says what is wrong with units under g, a sentence each. Tests have a
// wider allowance than the graph: they may import whatever is not
// above their package.
func (g graph) faults(units []unit) []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, u := range units {
		allowed, ok := g[u.path]
		if !ok {
			add("%s has no line in the graph: add one", u.path)
		}
		if u.undescribed {
			add("%s has no package comment: say its role in one sentence", u.path)
		}
		for _, to := range u.imports {
			if ok && !slices.Contains(allowed, to) {
				add("%s → %s is not in the graph", u.path, to)
			}
		}
		for _, to := range u.testImports {
			if g.leads(to, u.path) {
				add("the tests of %s import %s, which is above it", u.path, to)
			}
		}
	}
	return found
}

// strangers lists the first elements of paths that are not on the owner's list.
func strangers(paths []string) []string {
	found := map[string]bool{}
	for _, path := range paths {
		if top, _, _ := strings.Cut(path, "/"); !slices.Contains(topLevel, top) {
			found[top] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// units reads every package under root, whatever system its files are for: an
// arrow in a file for Windows is an arrow.
func units(t *testing.T) []unit {
	t.Helper()
	everywhere := build.Default
	everywhere.UseAllFiles = true
	var found []unit
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != root && unseenByGo(d.Name()) {
			return fs.SkipDir
		}
		p, err := everywhere.ImportDir(path, 0)
		if _, none := errors.AsType[*build.NoGoError](err); none {
			return nil
		} else if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, path)
		found = append(found, unit{
			path:        filepath.ToSlash(folder),
			undescribed: p.Doc == "" && len(p.GoFiles) > 0,
			imports:     ours(p.Imports),
			testImports: ours(slices.Concat(p.TestImports, p.XTestImports)),
		})
		return err
	})
	require.NoError(t, err)
	return found
}

// unseenByGo reports whether the go command passes over a folder of that name.
// There are no packages of ours in node_modules, but Go does not know that.
func unseenByGo(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules"
}

// ours keeps the imports that are packages of this module, by their folders.
func ours(imports []string) []string {
	var found []string
	for _, path := range imports {
		if folder, ok := strings.CutPrefix(path, module+"/"); ok {
			found = append(found, folder)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestLayoutIsTheGraph(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(mod), "module "+module+"\n", "root has to be the folder of our go.mod")

	found := units(t)
	require.NotEmpty(t, found, "no package was found under %s", root)
	assert.Empty(t, parse(imports).faults(found))
}

func TestLayoutTopLevelIsTheOwners(t *testing.T) {
	t.Parallel()
	names := files(t)
	require.Contains(t, names, "go.mod")
	assert.Empty(t, strangers(names), "the top level is fixed: put these into a folder that is there")
}

func TestLayoutGraphHasNoCircle(t *testing.T) {
	t.Parallel()
	g := parse(imports)
	for from, heads := range g {
		assert.False(t, g.leads(from, from), "arrows lead from %s back to itself", from)
		for _, to := range heads {
			assert.Contains(t, g, to, "%s → %s: the head has no line of its own", from, to)
		}
	}
}

func TestLayoutFaults(t *testing.T) {
	t.Parallel()
	//nolint:dupword // as in the graph
	g := parse(`
		top    → middle, leaf
		middle → leaf
		side   → leaf
		leaf   → nothing
	`)
	for name, test := range map[string]struct {
		give unit
		want []string
	}{
		"an arrow of the graph is fine":         {unit{path: "top", imports: []string{"leaf", "middle"}}, nil},
		"an arrow of the graph may stay unused": {unit{path: "top"}, nil},
		"an arrow that is not in the graph":     {unit{path: "middle", imports: []string{"side"}}, []string{"middle → side is not in the graph"}},
		"an arrow that runs back up":            {unit{path: "leaf", imports: []string{"top"}}, []string{"leaf → top is not in the graph"}},
		"two arrows that are not in the graph":  {unit{path: "side", imports: []string{"middle", "top"}}, []string{"side → middle is not in the graph", "side → top is not in the graph"}},
		"an arrow is not implied by others":     {unit{path: "side", imports: []string{"leaf/deep"}}, []string{"side → leaf/deep is not in the graph"}},
		"a package that is not in the graph":    {unit{path: "util", imports: []string{"leaf"}}, []string{"util has no line in the graph: add one"}},
		"a package without a package comment":   {unit{path: "leaf", undescribed: true}, []string{"leaf has no package comment: say its role in one sentence"}},
		"a test may import what is below":       {unit{path: "middle", testImports: []string{"leaf"}}, nil},
		"a test may import what is beside":      {unit{path: "middle", testImports: []string{"side"}}, nil},
		"a test may import its own package":     {unit{path: "middle", testImports: []string{"middle"}}, nil},
		"a test may not import what is above":   {unit{path: "middle", testImports: []string{"top"}}, []string{"the tests of middle import top, which is above it"}},
		"a test may not import what is far up":  {unit{path: "leaf", testImports: []string{"top"}}, []string{"the tests of leaf import top, which is above it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, g.faults([]unit{test.give}))
		})
	}
}

func TestLayoutStrangers(t *testing.T) {
	t.Parallel()
	got := strangers([]string{"go.mod", ".github/golangci.yml", "pkg/a.go", "pkg/b.go", "Makefile", "steps/flow/hop.go"})
	assert.Equal(t, []string{"Makefile", "pkg"}, got)
}
