package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

var ranColumns = columns{
	{"node", NodeTitle, true, []string{"title", "name", "node title"}},
	{"success", success, false, []string{"succeeded"}},
}

func executions(v *vocabulary) {
	v.area = "The execution log"
	v.Then(`^the flow ran "((?:[^"\\]|\\.)*)"$`, ran,
		"The execution log of DaVinci has a node with this title, in the flow or in a subflow. A live target has to "+
			"have worker; a replay answers from the log that record keeps beside a recording.",
		`Then the flow ran "Check Password"`, NodeTitle)
	v.Then(`^the flow did not run "((?:[^"\\]|\\.)*)"$`, didNotRun,
		"The execution log has no node with this title. The log must be complete.",
		`Then the flow did not run "Create User"`, NodeTitle)
	v.Then(`^the flow ran:$`, ranAll,
		"The execution log has these nodes in this order; others may be between them. An empty cell of success "+
			"matches any.",
		"Then the flow ran:\n  | node           | success |\n  | Lookup User    | true    |\n"+
			"  | Check Password | false   |",
		ranColumns)
	v.Then(`^no node failed$`, noneFailed,
		"No node of the execution log failed. A comparison that is false has not failed.",
		`Then no node failed`)
	v.Then(`^no node failed but "((?:[^"\\]|\\.)*)"$`, noneFailedBut,
		"The node with this title failed, and no other.",
		`Then no node failed but "Check Password"`, NodeTitle)
	v.Then(`^the flow "((?:[^"\\]|\\.)*)" ran$`, flowRan,
		"The journey ran the flow or subflow with this name, as DaVinci calls it.",
		`Then the flow "Check Credentials" ran`, subflowName)
	v.Then(`^"((?:[^"\\]|\\.)*)" failed$`, nodeFailed,
		"The node with this title answered with an error or without success.",
		`Then "Check Password" failed`, NodeTitle)
	v.Then(`^"((?:[^"\\]|\\.)*)" took less than "([^"]*)"$`, nodeTook,
		"Each run of the node with this title took less than this time, as in 800ms or 2s.",
		`Then "Lookup User" took less than "800ms"`, NodeTitle, waiting)
	v.Then(
		`^"((?:[^"\\]|\\.)*)" returned "((?:[^"\\]|\\.)*)" as ("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)$`,
		nodeReturned,
		"The last run of the node with this title has this JSON value at a gjson path of its outputs, else of its "+
			"inputs. Passwords, codes and tokens are not in the log.",
		`Then "Lookup User" returned "matchedUser.username" as "${user.username}"`, NodeTitle, otherPath, jsonValue)
}

// logOf returns the execution log of the journey, as it is after its last hop.
func logOf(ctx context.Context, w *World) (*davinci.Log, error) {
	hops := len(w.Journey.Hops())
	if w.logged != nil && w.hops == hops {
		return w.logged, nil
	}
	if w.Tenant == nil {
		return nil, errors.New("what runs this scenario has no execution log")
	}
	driven := w.Driven()
	log, err := w.Tenant.Log(ctx, driven[len(driven)-1])
	if err != nil {
		return nil, err
	}
	w.logged, w.hops = own(w, log), hops
	return w.logged, nil
}

// placeholder is what a recorded log has in place of a value of the person.
var placeholder = regexp.MustCompile(`\$\{(user|unique)\.([A-Za-z.]+)\}`)

// own returns a log with the values of this scenario in the places of those that were recorded.
func own(w *World, log *davinci.Log) *davinci.Log {
	made := map[string]string{}
	for value, name := range w.person.Made() {
		made[name] = value
	}
	out := *log
	out.Events = slices.Clone(log.Events)
	for i := range out.Events {
		e := &out.Events[i]
		if !bytes.Contains(e.Properties, []byte("${u")) {
			continue
		}
		e.Properties = placeholder.ReplaceAllFunc(e.Properties, func(found []byte) []byte {
			of, name := string(placeholder.FindSubmatch(found)[1]), string(placeholder.FindSubmatch(found)[2])
			value, ok := made["unique."+name]
			if of == "user" && w.user != nil {
				value, ok = w.user.Lookup(name)
			}
			if !ok {
				return found
			}
			quoted := davinci.Quote(value)
			return []byte(quoted[1 : len(quoted)-1])
		})
	}
	return &out
}

// nodes returns the runs of nodes that the log has.
func nodes(ctx context.Context, w *World) (*davinci.Log, []davinci.LoggedNode, error) {
	log, err := logOf(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	return log, log.Nodes(), nil
}

// unknown is the error of a sentence that only a complete log can answer, nil if the log is
// complete.
func unknown(log *davinci.Log, what string) error {
	if len(log.Gaps) == 0 {
		return nil
	}
	return fmt.Errorf("it is not known %s: %s", what, strings.Join(log.Gaps, "; "))
}

// titled returns the runs of the nodes with a title. The error says what ran instead.
func titled(w *World, log *davinci.Log, all []davinci.LoggedNode, title string) ([]davinci.LoggedNode, error) {
	var found []davinci.LoggedNode
	for i := range all {
		if all[i].Title == title {
			found = append(found, all[i])
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	if err := unknown(log, fmt.Sprintf("whether the flow ran %q", title)); err != nil {
		return nil, err
	}
	titles := titlesOf(all)
	hint := ""
	if near := words.Nearest(title, titles); near != "" {
		hint = fmt.Sprintf(", did you mean %q?", near)
	}
	return nil, rejected(w, "the flow did not run %q, it ran %s%s", title, listOf(titles), hint)
}

func titlesOf(all []davinci.LoggedNode) (titles []string) {
	for i := range all {
		if !slices.Contains(titles, all[i].Title) {
			titles = append(titles, all[i].Title)
		}
	}
	return titles
}

func listOf(names []string) string {
	if len(names) == 0 {
		return "no node"
	}
	quotes := make([]string, len(names))
	for i, name := range names {
		quotes[i] = strconv.Quote(name)
	}
	return words.List(quotes, 0)
}

// several says that several nodes have the title, "" if one has.
func several(runs []davinci.LoggedNode) string {
	type node struct{ flow, id, connector, capability string }
	all := map[node]bool{}
	for _, n := range runs {
		all[node{n.Flow, n.ID, n.Connector, n.Capability}] = true
	}
	if len(all) < 2 {
		return ""
	}
	return fmt.Sprintf("; %d nodes have that title", len(all))
}

func ran(ctx context.Context, w *World, title string) error {
	log, all, err := nodes(ctx, w)
	if err == nil {
		_, err = titled(w, log, all, title)
	}
	return err
}

func didNotRun(ctx context.Context, w *World, title string) error {
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(n davinci.LoggedNode) bool { return n.Title == title }) {
		return rejected(w, "the flow ran %q, and should not", title)
	}
	return unknown(log, fmt.Sprintf("whether the flow ran %q", title))
}

func ranAll(ctx context.Context, w *World, rows []row) error {
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	at := 0
	for i, r := range rows {
		next := slices.IndexFunc(all[at:], func(n davinci.LoggedNode) bool {
			return n.Title == r["node"] && (r["success"] == "" || n.Success == r["success"])
		})
		if next >= 0 {
			at += next + 1
			continue
		}
		if err := unknown(log, fmt.Sprintf("whether the flow ran %q", r["node"])); err != nil {
			return err
		}
		what := fmt.Sprintf("%q", r["node"])
		if r["success"] != "" {
			what += " with the success " + r["success"]
		}
		if i > 0 {
			what += fmt.Sprintf(" after %q", rows[i-1]["node"])
		}
		return rejected(w, "the flow did not run %s, it ran %s", what, story(all))
	}
	return nil
}

// story lists runs of nodes, each with its success.
func story(all []davinci.LoggedNode) string {
	list := make([]string, len(all))
	for i := range all {
		list[i] = strconv.Quote(all[i].Title)
		if all[i].Success != "" {
			list[i] += " (" + all[i].Success + ")"
		}
	}
	if len(list) == 0 {
		return "no node"
	}
	return strings.Join(list, ", ")
}

// failedNodes returns the titles of nodes that failed.
func failedNodes(all []davinci.LoggedNode) []string {
	return titlesOf(slices.DeleteFunc(slices.Clone(all), func(n davinci.LoggedNode) bool { return !n.Failed }))
}

func noneFailed(ctx context.Context, w *World) error {
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	if failed := failedNodes(all); len(failed) > 0 {
		return rejected(w, "%s failed, want no node to fail", listOf(failed))
	}
	return unknown(log, "whether a node failed")
}

func noneFailedBut(ctx context.Context, w *World, title string) error {
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	failed := failedNodes(all)
	others := slices.DeleteFunc(slices.Clone(failed), func(one string) bool { return one == title })
	switch {
	case len(others) > 0:
		return rejected(w, "%s failed, want only %q to fail", listOf(failed), title)
	case len(failed) == 0:
		if err := nodeFailed(ctx, w, title); err != nil {
			return err
		}
	}
	return unknown(log, "whether another node failed")
}

func nodeFailed(ctx context.Context, w *World, title string) error {
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	runs, err := titled(w, log, all, title)
	if err != nil || slices.ContainsFunc(runs, func(n davinci.LoggedNode) bool { return n.Failed }) {
		return err
	}
	if err := unknown(log, fmt.Sprintf("whether %q failed", title)); err != nil {
		return err
	}
	answered := "it has not answered"
	if last := runs[len(runs)-1]; last.Answered {
		answered = "it answered"
		if last.Success != "" {
			answered += " with the success " + last.Success
		}
	}
	return rejected(w, "%q did not fail: %s%s", title, answered, several(runs))
}

func flowRan(ctx context.Context, w *World, name string) error {
	log, err := logOf(ctx, w)
	if err != nil {
		return err
	}
	var names []string
	for i := range log.Flows {
		if log.Flows[i].Name == name {
			return nil
		}
		names = append(names, log.Flows[i].Name)
	}
	if err := unknown(log, fmt.Sprintf("whether the flow %q ran", name)); err != nil {
		return err
	}
	return rejected(w, "the flow %q did not run, there ran %s", name, listOf(names))
}

func nodeTook(ctx context.Context, w *World, title, limit string) error {
	most, err := time.ParseDuration(limit)
	if err != nil {
		return err
	}
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	runs, err := titled(w, log, all, title)
	for _, n := range runs {
		switch {
		case !n.Timed:
			return fmt.Errorf("the execution log does not say how long %q took", title)
		case n.Took >= most:
			return rejected(w, "%q took %s, want less than %s%s", title, n.Took, limit, several(runs))
		}
	}
	return err
}

func nodeReturned(ctx context.Context, w *World, title, path, literal string) error {
	log, all, err := nodes(ctx, w)
	if err != nil {
		return err
	}
	runs, err := titled(w, log, all, title)
	if err != nil {
		return err
	}
	last := &runs[len(runs)-1]
	got, want := last.Get(path), gjson.Parse(literal)
	switch {
	case got.Exists() && same(got, want):
		return nil
	case !got.Exists():
		has := "nothing"
		if keys := keysOf(gjson.Parse(last.Properties())); len(keys) > 0 {
			has = words.List(keys, 0)
		}
		return rejected(w, "%q has no %q, want %s: the log has %s%s", title, path, show(w, want), has, several(runs))
	}
	return rejected(w, "%q returned %q as %s, want %s%s", title, path, show(w, got), show(w, want), several(runs))
}
