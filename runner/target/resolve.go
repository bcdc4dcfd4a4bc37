package target

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"flowtest/runner/internal/strictyaml"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// The variables that override the file. An empty variable counts as unset:
// CI systems set a variable to nothing where they have no value for it.
//
// PINGONE_CLIENT_ID and PINGONE_CLIENT_SECRET are never read: in this ecosystem
// they name a worker app, whose secret administers the environment and must not
// be sent by a flow.
const (
	envTarget = "FLOWTEST_TARGET"
	envScopes = "FLOWTEST_SCOPES"

	// envWorker is the worker app's, but it is the same environment. It is read
	// only where neither FLOWTEST_ENVIRONMENT_ID nor the file gives one.
	envWorker = "PINGONE_ENVIRONMENT_ID"
)

// overrides names the variable that overrides each of textKeys.
var overrides = map[string]string{
	keyRegion:        "FLOWTEST_REGION",
	keyBaseURL:       "FLOWTEST_BASE_URL",
	keyEnvironmentID: "FLOWTEST_ENVIRONMENT_ID",
	keyClientID:      "FLOWTEST_CLIENT_ID",
	keyClientSecret:  "FLOWTEST_CLIENT_SECRET",
	keyRedirectURI:   "FLOWTEST_REDIRECT_URI",
	keyCA:            "FLOWTEST_CA",
}

// Choose returns the target of that name, ready for use: the variables of the
// environment override the file, and its ${NAME} references are resolved. A
// setting that a variable overrides need not resolve, and no other target is
// looked at.
//
//	name  what --target says; "" is FLOWTEST_TARGET, else [File.Default]
//
// The error is an *[Error] with a line for every mistake.
func (f *File) Choose(name string) (*Target, error) {
	r := &resolver{said: f.said, m: &strictyaml.Reader{File: f.said.name}}
	if r.d = r.find(f, name); r.d == nil {
		return nil, failed(r.m)
	}
	t := &Target{Name: r.d.name, Users: r.users(), Secrets: f.Scrub.Secrets}
	if r.d.kind == typeLive {
		t.Live = r.live(f.Dir)
	} else if len(t.Users) == 0 {
		t.Users = demoUsers()
	}
	if err := failed(r.m); err != nil {
		return nil, err
	}
	return t, nil
}

// A resolver makes one declared target into a Target and gathers the mistakes.
type resolver struct {
	said *said
	d    *declared
	m    *strictyaml.Reader
}

// find returns nil where there is no such target, and notes it.
func (r *resolver) find(f *File, name string) *declared {
	called := fmt.Sprintf("target %q", name)
	if name == "" {
		name, called = r.variable(envTarget), envTarget+" names a target that"
	}
	if name == "" {
		name = f.Default
	}
	names := f.Names()
	if name == "" {
		r.m.Add(strictyaml.Position{}, "%s has no default target and none called replay, want one of %s: "+
			"name it with --target, %s, or target: in the file", r.said.name, strings.Join(names, ", "), envTarget)
		return nil
	}
	d, ok := r.said.targets[name]
	if !ok {
		r.m.Add(strictyaml.Position{}, "%s is not defined in %s, want one of %s%s",
			called, r.source(), strings.Join(names, ", "), strictyaml.OrMeant(name, names))
	}
	return d
}

func (r *resolver) source() string {
	if r.said.name == "" {
		return "the built-in configuration"
	}
	return r.said.name
}

// variable returns "" for one that is unset.
func (r *resolver) variable(name string) string {
	v, _ := r.said.lookup(name)
	return v
}

func (r *resolver) users() map[string]User {
	users := make(map[string]User, len(r.d.users))
	for name, attributes := range r.d.users {
		users[name] = NewUser(r.expandAll(attributes))
	}
	return users
}

func (r *resolver) expandAll(settings map[string]setting) map[string]string {
	values := make(map[string]string, len(settings))
	for name, s := range settings {
		values[name], _ = s.expand(r.said.lookup, r.m)
	}
	return values
}

func (r *resolver) live(dir string) *Live {
	base, needsID := r.base()
	l := &Live{
		EnvironmentID: r.ownID(base, needsID),
		ClientID:      r.value(keyClientID),
		RedirectURI:   r.value(keyRedirectURI),
		Scopes:        r.resolvedScopes(),
		CA:            r.pool(dir),
		Flows:         r.expandAll(r.d.flows),
	}
	if text := r.value(keyClientSecret); text != "" {
		l.ClientSecret = secret.New(text) // else the zero value, which New("") need not equal
	}
	if !r.given(keyClientID) {
		r.missing("clientId, want the id of the app", keyClientID)
	}
	if needsID {
		base += "/" + l.EnvironmentID + "/as"
	}
	l.Authorize = base + "/authorize"
	if r.d.discovery {
		l.Issuer = base
	}
	return l
}

// given reports whether the environment or the file has the setting.
func (r *resolver) given(key string) bool {
	_, inFile := r.d.texts[key]
	return inFile || r.variable(overrides[key]) != ""
}

// value returns a setting, checked: the environment's, else the file's, else "".
func (r *resolver) value(key string) string {
	if v := r.variable(overrides[key]); v != "" {
		return r.checked(overrides[key], key, v)
	}
	s, ok := r.d.texts[key]
	if !ok {
		return ""
	}
	text, ok := s.expand(r.said.lookup, r.m)
	if ok {
		s.check(r.m, key, text)
	}
	return text
}

// checked notes what is wrong with a variable's value, which it does not quote:
// people put a secret into the wrong variable.
func (r *resolver) checked(variable, key, v string) string {
	if problem := problemOf(key, v); problem != "" {
		r.m.Add(strictyaml.Position{}, "%s %s", variable, problem)
	}
	return v
}

// missing notes a setting that a live target cannot do without.
func (r *resolver) missing(what string, keys ...string) {
	variables := make([]string, len(keys))
	for i, key := range keys {
		variables[i] = overrides[key]
	}
	r.m.Add(r.d.at, "%s has no %s: write it there or set %s", r.d.path, what, words.Or(variables))
}

// base returns what the endpoints stand below, and whether the environment's id
// is still to be put behind it, as it is for a region. Either variable replaces
// both settings of the file, or FLOWTEST_REGION could never win over a baseUrl.
func (r *resolver) base() (base string, needsID bool) {
	region, custom := r.variable(overrides[keyRegion]) != "", r.variable(overrides[keyBaseURL]) != ""
	if region && custom {
		r.m.Add(strictyaml.Position{}, "%s and %s are both set, want one of them: unset the other",
			overrides[keyRegion], overrides[keyBaseURL])
		return "", false
	}
	if !region && !custom {
		_, region = r.d.texts[keyRegion]
		_, custom = r.d.texts[keyBaseURL]
	}
	switch {
	case region:
		return regionBase(r.value(keyRegion)), true
	case custom:
		return strings.TrimRight(r.value(keyBaseURL), "/"), false
	}
	r.missing("region and no baseUrl, want one of them", keyRegion, keyBaseURL)
	return "", false
}

func (r *resolver) environmentID(needed bool) string {
	switch {
	case r.given(keyEnvironmentID):
		return r.value(keyEnvironmentID)
	case r.variable(envWorker) != "":
		return r.checked(envWorker, keyEnvironmentID, r.variable(envWorker))
	case needed:
		r.missing("environmentId, want one beside a region", keyEnvironmentID)
	}
	return ""
}

// ownID returns the environment's id, and notes one that is another than that in
// a baseUrl, where it would change nothing. The id in
// FLOWTEST_BASE_URL overrides the one in the file, as the variable overrides the rest.
func (r *resolver) ownID(base string, needed bool) string {
	id, inBase := r.environmentID(needed), idIn(base)
	if needed || inBase == "" {
		return id
	}
	fromVariable := r.variable(overrides[keyEnvironmentID]) != ""
	if !fromVariable && (!r.given(keyEnvironmentID) || r.variable(overrides[keyBaseURL]) != "") {
		return inBase
	}
	if twoIDs(base, id) {
		at, name := strictyaml.Position{}, overrides[keyEnvironmentID]
		if !fromVariable {
			s := r.d.texts[keyEnvironmentID]
			at, name = s.at, s.shown(keyEnvironmentID)
		}
		r.m.Add(at, "%s %s", name, otherID)
	}
	return id
}

func (r *resolver) resolvedScopes() []string {
	if v := r.variable(envScopes); v != "" {
		scopes := strings.Fields(v)
		if len(scopes) == 0 {
			r.m.Add(strictyaml.Position{}, "%s holds no scope, want at least one: set it to openid or unset it",
				envScopes)
		}
		return scopes
	}
	if len(r.d.scopes) == 0 {
		return []string{"openid"}
	}
	scopes := make([]string, len(r.d.scopes))
	for i, s := range r.d.scopes {
		text, ok := s.expand(r.said.lookup, r.m)
		if ok {
			s.check(r.m, keyScopes, text)
		}
		scopes[i] = text
	}
	return scopes
}

// pool reads the private CAs; nil where none are given.
func (r *resolver) pool(dir string) *x509.CertPool {
	name := r.value(keyCA)
	if name == "" {
		return nil
	}
	pool := x509.NewCertPool()
	data, err := r.readBeside(dir, name)
	switch {
	case err != nil:
		r.wrongCA(fmt.Sprintf("cannot be read: %v", err))
	case !pool.AppendCertsFromPEM(data):
		r.wrongCA("holds no certificate, want a PEM file of CAs")
	}
	return pool
}

func (r *resolver) wrongCA(problem string) {
	if r.variable(overrides[keyCA]) != "" {
		r.m.Add(strictyaml.Position{}, "%s %s", overrides[keyCA], problem)
		return
	}
	s := r.d.texts[keyCA]
	r.m.Add(s.at, "%s %s", s.shown(keyCA), problem)
}

// readBeside reads a file that is named relative to the flowtest.yaml, or
// absolutely, as CI systems name what they have mounted. Its error continues a
// sentence with what is wanted.
func (r *resolver) readBeside(dir, name string) (data []byte, err error) {
	inside := path.Join(dir, filepath.ToSlash(name))
	switch {
	case filepath.IsAbs(name):
		data, err = os.ReadFile(name) //nolint:gosec // the file that the person named
	case fs.ValidPath(inside):
		data, err = fs.ReadFile(r.said.fsys, inside)
	default:
		return nil, errors.New("it is above the folder that was opened, want a PEM file below it or an absolute path")
	}
	if err != nil {
		return nil, fmt.Errorf("%w, want a PEM file", bare(err))
	}
	return data, nil
}
