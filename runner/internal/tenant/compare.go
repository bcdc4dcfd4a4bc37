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

// absent is a fact that an environment does not have.
const absent = "none"

// Compare checks the environment of a live target as [Examine] does, and says what it
// does not have in common with that of another: the versions and deployments of flows,
// what policies run, the properties of the app, and connectors and variables by their
// names. Values of variables are neither compared nor shown. Both targets need a worker app.
func Compare(ctx context.Context, here, there *target.Target, toHere, toThere http.RoundTripper) *Report {
	e, other := newExaminer(here, toHere), newExaminer(there, toThere)
	e.report.Against = there.Name
	e.examine(ctx)
	if e.client == nil {
		return e.report
	}
	mine := e.facts(ctx)
	theirs := other.facts(ctx)
	for _, c := range other.report.Checks { // what it could not look at
		c.About = there.Name + ": " + c.About
		e.report.Checks = append(e.report.Checks, c)
		e.report.Blind = true
	}
	e.known.Add(there.Live.ClientSecret.Reveal(), there.Live.Worker.ClientSecret.Reveal())
	for _, about := range slices.Sorted(maps.Keys(union(mine, theirs))) {
		a, b := mine[about], theirs[about]
		if a.text == b.text || e.untold(about) || other.untold(about) {
			continue
		}
		e.report.Differences = append(e.report.Differences, Difference{about, a.shown(), b.shown()})
	}
	e.redact()
	return e.report
}

// A fact is what is compared, and a note that is only shown.
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

// facts returns what is compared, by what it is about.
func (e *examiner) facts(ctx context.Context) map[string]fact {
	found := map[string]fact{}
	if e.client == nil {
		e.unseen(Check{ID: "against", About: "worker app", Request: "POST …/as/token"}, "",
			errors.New("the target has no worker app"))
		e.left = []string{""}
		return found
	}
	e.appFacts(ctx, found)
	for _, name := range e.flows() {
		e.flowFacts(ctx, name, found)
	}
	e.named(ctx, "/connectorInstances", "connectorInstances", "connector", "connector.id", found)
	e.named(ctx, "/variables?limit=500", "variables", "variable", "context", found)
	return found
}

// leave notes that facts which begin so could not be read.
func (e *examiner) leave(about, request, role string, err error) {
	e.unseen(Check{ID: "against", About: about, Request: "GET " + pathOf(request)}, role, err)
	e.left = append(e.left, about)
}

func (e *examiner) untold(about string) bool {
	return slices.ContainsFunc(e.left, func(begin string) bool { return strings.HasPrefix(about, begin) })
}

func (e *examiner) appFacts(ctx context.Context, found map[string]fact) {
	path := "/applications/" + url.PathEscape(e.live.ClientID)
	app, err := e.get(ctx, path)
	if err != nil {
		e.leave("app", path, roleEnvironment, err)
		return
	}
	for _, name := range []string{
		"enabled", "protocol", "pkceEnforcement", "tokenEndpointAuthMethod", "parRequirement",
		"requireSignedRequestObject", "allowWildcardInRedirectUris", "corsSettings.behavior",
	} {
		found["app, "+name] = fact{text: app.Get(name).String()}
	}
	for _, name := range []string{"grantTypes", "responseTypes", "redirectUris", "corsSettings.origins"} {
		list := textsOf(app.Get(name))
		slices.Sort(list)
		found["app, "+name] = fact{text: listed(list)}
	}
}

func (e *examiner) flowFacts(ctx context.Context, name string, found map[string]fact) {
	about := called(name)
	id := e.live.Flows[name]
	if id == "" {
		if _, ids, err := e.client.assigned(ctx, e.live.ClientID); err == nil && len(ids) > 0 {
			id = ids[0]
		}
	}
	_, policy, err := e.find(ctx, id, "")
	if err != nil {
		e.leave(about, "/davinciApplications", RoleDaVinci, err)
		return
	}
	for _, one := range policy.Get("flowDistributions").Array() {
		flow, err := e.flow(ctx, one.Get("id").String())
		if err != nil {
			e.leave(about, flowPath(one.Get("id").String()), RoleDaVinci, err)
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
		found[runs] = fact{text: version}
		deployed := fact{text: "not deployed"}
		if at := flow.Get("deployedAt").String(); at != "" {
			deployed = fact{"version " + flow.Get("publishedVersion").String(), "deployed " + at}
		}
		found[runs+", deployment"] = deployed
		found[runs+", saved"] = fact{text: "version " + flow.Get("currentVersion").String()}
	}
}

// named adds what a list has, by name and one more property.
func (e *examiner) named(ctx context.Context, path, list, kind, more string, found map[string]fact) {
	items, err := e.client.Items(ctx, path, list)
	if err != nil {
		e.leave(kind, path, RoleDaVinci, err)
		return
	}
	for _, one := range items {
		found[fmt.Sprintf("%s %q (%s)", kind, one.Get("name").String(), one.Get(more).String())] = fact{text: "present"}
	}
}
