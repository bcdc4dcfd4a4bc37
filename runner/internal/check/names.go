package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/target"
	"flowtest/steps"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// A lookup resolves the names in a feature as a run against the target does. It sends
// nothing. It does not know the values that only a run has: environment variables and
// the results of steps.
type lookup struct {
	steps.Target

	suite *runner.Suite
	flows []string // the flows of the target; nil if unknown

	screens map[string]*recorded // by flow, read when needed

	env func(string) (string, bool) // nil if the run happens later
}

// lookupOf returns nil if there is no target.
func lookupOf(ctx context.Context, s *runner.Suite) *lookup {
	if s.Target == nil {
		return nil
	}
	n := &lookup{suite: s, screens: map[string]*recorded{}}
	c := backend.Config{Target: s.Target, Recordings: s.Recordings, Env: s.Env, Offline: true}
	b, err := backend.Open(ctx, c)
	if err != nil { // other checks report faults of the recordings; users can still be looked up
		n.Target = backend.People(c)
		return n
	}
	n.Target, n.flows = b.Scenario(), b.Flows()
	return n
}

// Flow implements [steps.Target]. The configuration has no transport, so nothing can be
// sent.
func (n *lookup) Flow(name string) (flow.Config, error) {
	if n.flows == nil {
		return flow.Config{}, nil
	}
	c, err := n.Target.Flow(name)
	c.Transport = nil
	return c, err
}

// Env implements [steps.Target]. If the run happens later, any variable may be set by
// then.
func (n *lookup) Env(name string) (string, bool) {
	if n.env != nil {
		return n.env(name)
	}
	return unknownYet, true
}

// unknownYet replaces a value that only a run has.
const unknownYet = "\x00unknown\x00"

// Passcode implements [steps.Target]. Only a run computes the code.
func (n *lookup) Passcode(context.Context, *generated.Key) (string, error) { return unknownYet, nil }

// A reading looks up the names of a scenario, step by step.
type reading struct {
	*lookup

	found    *Found
	scenario *feature.Scenario
	world    *steps.World

	noUser  bool   // the user was not found, so the attributes are unknown
	own     bool   // an earlier sentence of the caller may have remembered a value
	chosen  string // the flow named last
	strayed bool   // the next screens may not be in the flow's recording
}

// names finds names in a scenario that the target does not have.
func (f *Found) names(s *feature.Scenario, n *lookup) {
	if n == nil {
		return
	}
	r := &reading{
		lookup: n, found: f, scenario: s, world: &steps.World{}, strayed: tampered(s),
	}
	r.world.Begin(n, &secret.Redactor{}, false)
	for i := range s.Steps {
		if st := &s.Steps[i]; st.Def != nil {
			r.step(st)
		}
	}
}

// step looks up the names in a step.
func (r *reading) step(st *feature.Step) {
	if st.Def.Own {
		r.own = true
		return
	}
	values := st.Def.Values(st.Text, st.Arg)
	for _, v := range values {
		r.references(st, v.Text)
		r.lookalikes(st, v.Text)
	}
	for _, v := range values {
		r.choose(st, v)
	}
	if st.Def.MakesUser() && !r.noUser {
		if err := backend.NoUsers(r.suite.Target); err != nil {
			note := r.found.warning
			if r.env != nil {
				note = r.found.fault
			}
			r.say(note, st, false, err.Error())
		}
	}
	r.found.NewUsers = r.found.NewUsers || st.Def.MakesUser()
	r.found.Codes = r.found.Codes || st.Def.AwaitsCode()
	r.noUser = r.noUser || st.Def.MakesUser() // only a run knows the attributes
	r.screens(st, values)
	r.paths(st, values)
	logged(r, st, values)
	answers(r, st, values)
	r.typed(st, values)
	r.literals(st, values)
	for _, v := range values { // after its references are resolved
		if v.Kind == steps.MemoryName {
			if err := r.world.Remember(v.Text, unknownYet); err != nil && !strings.Contains(v.Text, "${") {
				r.fault(st, !st.Writes(v.Written), err, "", nil, "give it another name")
			}
		}
	}
}

// literals warns of a literal in a feature that is typed into a password field of a
// live target. If it is a real password, it is in version control.
func (r *reading) literals(st *feature.Step, values []steps.Value) {
	if r.suite.Target.Live == nil {
		return
	}
	for i, v := range values {
		if v.Kind != steps.TypedValue || v.Text == "" || strings.Contains(v.Text, "${") {
			continue
		}
		if key := keyOf(values, i); key != "" && (target.Secret(key) || r.recorded(r.chosen).hides(key)) {
			r.say(r.found.warning, st, !st.Writes(v.Written), fmt.Sprintf("a literal is typed into %q of the live "+
				"target %q: a feature file is in version control, so write ${user.password} or ${env.NAME} "+
				"if it is a real password", key, r.suite.Target.Name))
		}
	}
}

// keyKinds are the kinds of value that name the field for a typed value.
var keyKinds = []steps.Kind{steps.FieldKey, steps.RowKey, steps.InputName}

// brief warns of secrets of a live target that are too short to be hidden inside a
// longer text. It does not warn of one-time codes and PINs, which are always short.
func (f *Found) brief(t *target.Target) {
	if t == nil || t.Live == nil {
		return
	}
	check := func(what, value string) {
		if value != "" && utf8.RuneCountInString(value) < secret.Long {
			f.warning(fmt.Sprintf("the target %q: %s has fewer than %d characters, so a report hides it only where "+
				"it is a whole value", t.Name, what, secret.Long))
		}
	}
	check("its clientSecret", t.Live.ClientSecret.Reveal())
	for i, s := range t.Secrets {
		check(fmt.Sprintf("secret %d of scrub.secrets", i+1), s.Reveal())
	}
	for _, name := range slices.Sorted(maps.Keys(t.Users)) {
		u := t.Users[name]
		for _, attribute := range u.Names() {
			given := slices.ContainsFunc([]string{"otp", "pin", "code"}, func(word string) bool {
				return strings.Contains(strings.ToLower(attribute), word)
			})
			if value, _ := u.Lookup(attribute); target.Secret(attribute) && !given {
				check(fmt.Sprintf("the %s of the user %q", attribute, name), value)
			}
		}
	}
}

// choose sets the current flow and user to those that a step names.
func (r *reading) choose(st *feature.Step, v steps.Value) {
	var err error
	var there []string
	what := addUser
	switch v.Kind {
	case steps.FlowName:
		if r.chosen = v.Text; strings.Contains(v.Text, "${") {
			return // only a run knows which flow that is
		}
		_, err = r.Flow(v.Text)
		there, what = r.flows, "record it with flowtest record, or name one of these"
		if r.suite.Target.Live != nil {
			what = "or name one of these"
		}
	case steps.UserName:
		if r.noUser = strings.Contains(v.Text, "${"); r.noUser {
			return // only a run knows who that is
		}
		err = r.world.ChooseUser(v.Text)
		r.noUser = err != nil
		there = slices.Collect(maps.Keys(r.suite.Target.Users))
	case steps.Parameter:
		r.strayed = true // these may start any flow
	default: // names on a screen are looked up elsewhere
	}
	if err != nil {
		r.fault(st, st.Template != nil && st.Template.Text != st.Text, err, v.Text, there, what)
	}
}

const addUser = "name one of these, or add it to the target's users in flowtest.yaml"

// dotted lists the prefixes of names that have a second part.
var dotted = []string{"users.", "remembered.", "env."}

// references looks up each ${NAME} of a text.
func (r *reading) references(st *feature.Step, text string) {
	pieces, closed := words.Pieces(text)
	if !closed {
		pieces = pieces[:len(pieces)-1]
	}
	for _, p := range pieces {
		name := p.Text
		if !p.Ref {
			continue
		}
		attribute, ofUser := strings.CutPrefix(name, "user.")
		if ofUser && r.noUser || !ofUser && !strings.HasPrefix(name, "users.") && r.own {
			continue
		}
		has := func(of string) bool { return strings.HasPrefix(name, of) }
		_, err := r.world.Expand("${" + name + "}")
		if err == nil {
			continue
		}
		_, known := r.suite.Target.Users[r.world.UserName()]
		attributes := r.attributes()
		r.noUser = r.noUser || ofUser && !known // report the user once, not each attribute
		what := "name one of these, or add it to the user in flowtest.yaml"
		switch {
		case !ofUser && !slices.ContainsFunc(dotted, has): // err already says what to do
			what = ""
		case has("users."):
			what = "name a user and an attribute of flowtest.yaml"
		case has("remembered."):
			what = "remember one before this step: When I remember \"PATH\" as \"NAME\""
		case has("env."):
			what = "set it where flowtest runs"
		case r.noUser:
			what = addUser
		case slices.Contains(attributes, attribute): // its value has a mistake
			what = "fix it in flowtest.yaml"
		}
		r.fault(st, !st.Writes("${"+name+"}"), err, "", nil, what)
	}
	if !closed {
		err := errors.New("a ${ has no closing brace, want ${user.ATTRIBUTE} or ${env.NAME}")
		r.fault(st, !st.Writes("${"), err, "", nil, r.unclosed(text))
	}
}

// fault reports the error of a run, with the most similar name, at the step or at the
// row of examples that contains the name.
func (r *reading) fault(st *feature.Step, ofRow bool, err error, name string, there []string, what string) {
	if said := strings.HasSuffix(err.Error(), "?"); said {
		what = ""
	} else if near := nearestOf(name, there); near != "" {
		what = fmt.Sprintf("did you mean %q?", near)
	}
	if what != "" {
		what = "; " + what
	}
	r.say(r.found.fault, st, ofRow, err.Error()+what)
}

// say reports a text at the step, or at the row of examples that contains the value.
func (r *reading) say(note func(string), st *feature.Step, ofRow bool, text string) {
	line := st.Line
	if ofRow {
		line = r.scenario.Line
	}
	note(fmt.Sprintf("%s:%d: %s", r.scenario.File, line, text))
}

// nearestOf returns the most similar name, "" if none is similar.
func nearestOf(name string, there []string) string {
	return words.Nearest(name, slices.Sorted(slices.Values(there)))
}
