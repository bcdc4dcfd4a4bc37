package tenant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"flowtest/runner/internal/target"
)

// absent is shown for a fact that an environment does not have.
const absent = "none"

// Compare checks the environment of a live target as [Examine] does, and lists how it
// differs from that of another target: the versions and deployments of flows, the flows that
// policies run, the properties of the app, and the names of connectors and variables. It
// neither compares nor shows the values of variables. Both targets need a worker app.
func Compare(ctx context.Context, here, there *target.Target, toHere, toThere http.RoundTripper) *Report {
	e, other := newExaminer(here, toHere), newExaminer(there, toThere)
	e.report.Against = there.Name
	e.examine(ctx)
	if e.client == nil {
		return e.report
	}
	mine, theirs := factsOf(ctx, e), factsOf(ctx, other)
	for _, c := range other.report.Checks { // the checks that could not be made
		c.About = there.Name + ": " + c.About
		e.report.Checks = append(e.report.Checks, c)
		e.report.Blind = true
	}
	e.known.Add(there.Live.ClientSecret.Reveal(), there.Live.Worker.ClientSecret.Reveal())
	for _, about := range slices.Sorted(maps.Keys(union(mine.found, theirs.found))) {
		a, b := mine.found[about], theirs.found[about]
		if a.text == b.text || mine.unread(about) || theirs.unread(about) {
			continue
		}
		e.report.Differences = append(e.report.Differences, Difference{about, a.shown(), b.shown()})
	}
	e.redact()
	return e.report
}

// A fact is a text that is compared, with a note that is only shown.
type fact struct{ text, note string }

func (f fact) shown() string {
	switch {
	case f.text == "":
		return absent
	case f.note != "":
		return f.text + " (" + f.note + ")"
	default:
		return f.text
	}
}

func union(a, b map[string]fact) map[string]fact {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// facts are the facts of an environment, by their subjects.
type facts struct {
	*examiner

	found map[string]fact
	left  []string // prefixes of the subjects that could not be read
}

// factsOf reads the facts of an environment.
func factsOf(ctx context.Context, e *examiner) *facts {
	f := &facts{examiner: e, found: map[string]fact{}}
	if e.client == nil {
		e.unseen(Check{ID: "against", About: "worker app", Request: "POST …/as/token"}, "",
			errors.New("the target has no worker app"))
		f.left = []string{""}
		return f
	}
	f.addApp(ctx)
	for _, name := range e.flows() {
		f.addFlow(ctx, name)
	}
	f.addList(ctx, "/connectorInstances", "connectorInstances", "connector", "connector.id")
	f.addList(ctx, "/variables?limit=500", "variables", "variable", "context")
	return f
}

// leave notes that the facts whose subjects begin with about could not be read.
func (f *facts) leave(about, request, role string, err error) {
	f.unseen(Check{ID: "against", About: about, Request: "GET " + pathOf(request)}, role, err)
	f.left = append(f.left, about)
}

func (f *facts) unread(about string) bool {
	return slices.ContainsFunc(f.left, func(begin string) bool { return strings.HasPrefix(about, begin) })
}

func (f *facts) addApp(ctx context.Context) {
	path := "/applications/" + url.PathEscape(f.live.ClientID)
	app, err := f.get(ctx, path)
	if err != nil {
		f.leave("app", path, roleEnvironment, err)
		return
	}
	for _, name := range []string{
		"enabled", "protocol", "pkceEnforcement", "tokenEndpointAuthMethod", "parRequirement",
		"requireSignedRequestObject", "allowWildcardInRedirectUris", "corsSettings.behavior",
	} {
		f.found["app, "+name] = fact{text: app.Get(name).String()}
	}
	for _, name := range []string{"grantTypes", "responseTypes", "redirectUris", "corsSettings.origins"} {
		list := textsOf(app.Get(name))
		slices.Sort(list)
		f.found["app, "+name] = fact{text: listed(list)}
	}
}

func (f *facts) addFlow(ctx context.Context, name string) {
	about := called(name)
	_, policy, err := f.client.find(ctx, f.policyID(ctx, name), "", f.get)
	if err != nil {
		f.leave(about, "/davinciApplications", RoleDaVinci, err)
		return
	}
	for _, one := range policy.Get("flowDistributions").Array() {
		flow, err := f.flow(ctx, one.Get("id").String())
		if err != nil {
			f.leave(about, flowPath(one.Get("id").String()), RoleDaVinci, err)
			return
		}
		runs := fmt.Sprintf("%s runs %q", about, flow.Get("name").String())
		version := "version " + one.Get("version").String()
		if one.Get("version").Int() < 0 {
			version = "the latest deployed version"
		}
		if weight := one.Get("weight"); weight.Exists() {
			version += " with the weight " + weight.String()
		}
		f.found[runs] = fact{text: version}
		deployed := fact{text: "not deployed"}
		if at := flow.Get("deployedAt").String(); at != "" {
			deployed = fact{"version " + flow.Get("publishedVersion").String(), "deployed " + at}
		}
		f.found[runs+", deployment"] = deployed
		f.found[runs+", saved"] = fact{text: "version " + flow.Get("currentVersion").String()}
	}
}

// addList adds the entries of a list, by their names and one more property.
func (f *facts) addList(ctx context.Context, path, list, kind, more string) {
	items, err := f.client.Items(ctx, path, list)
	if err != nil {
		f.leave(kind, path, RoleDaVinci, err)
		return
	}
	for _, one := range items {
		about := fmt.Sprintf("%s %q (%s)", kind, one.Get("name").String(), one.Get(more).String())
		f.found[about] = fact{text: "present"}
	}
}
