package target

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"flowtest/recordings/strictyaml"
	"flowtest/runner/internal/safefile"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// The variables that override the file. An empty variable counts as unset: CI systems set a
// variable to nothing if they have no value for it.
//
// PINGONE_CLIENT_ID and PINGONE_CLIENT_SECRET are never read: in this ecosystem
// they name a worker app, whose secret administers the environment and must not
// be sent by a flow.
const (
	envTarget = "FLOWTEST_TARGET"
	envScopes = "FLOWTEST_SCOPES"

	// envWorker is the worker app's, but it is the same environment. It is read only if neither
	// FLOWTEST_ENVIRONMENT_ID nor the file gives one.
	envWorker = "PINGONE_ENVIRONMENT_ID"
)

// overrides names the variable that overrides each of textKeys.
var overrides = map[string]string{
	keyRegion:        "FLOWTEST_REGION",
	keyBaseURL:       "FLOWTEST_BASE_URL",
	keyEnvironmentID: "FLOWTEST_ENVIRONMENT_ID",
	keyClientID:      "FLOWTEST_CLIENT_ID",
	keyClientSecret:  "FLOWTEST_CLIENT_SECRET",
	keyClientAuth:    "FLOWTEST_CLIENT_AUTH",
	keyRedirectURI:   "FLOWTEST_REDIRECT_URI",
	keyPlatform:      "FLOWTEST_PLATFORM",
	keyOrigin:        "FLOWTEST_ORIGIN",
	keyCA:            "FLOWTEST_CA",
}

// Choose returns the target of that name, ready for use: the variables of the
// environment override the file, and its ${NAME} references are resolved. A
// setting that a variable overrides need not resolve, and no other target is
// looked at.
//
//	name  what --target says; "" is FLOWTEST_TARGET, else [File.Default]
//
// The error has a line for every mistake.
func (f *File) Choose(name string) (*Target, error) {
	r := &resolver{said: f.said, m: &strictyaml.Reader{File: f.said.name}}
	if r.d = r.find(f, name); r.d == nil {
		return nil, failed(r.m)
	}
	t := &Target{
		Name: r.d.name, Users: make(map[string]User, len(r.d.users)), Secrets: f.said.secrets,
		EmailDomain: f.said.domain,
	}
	for name, attributes := range r.d.users {
		t.Users[name] = NewUser(r.expandAll(attributes))
	}
	t.Platform, t.Origin, t.PAR = r.value(keyPlatform), r.value(keyOrigin), r.d.par
	if r.d.kind == typeLive {
		t.Live = r.live()
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
	*said
	d *declared
	m *strictyaml.Reader
}

// find returns nil if there is no such target, and notes it.
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
			"name it with --target, %s, or target: in the file", r.name, strings.Join(names, ", "), envTarget)
		return nil
	}
	d, ok := r.targets[name]
	if !ok {
		r.m.Add(strictyaml.Position{}, "%s is not defined in %s, want one of %s%s",
			called, cmp.Or(r.name, "the built-in configuration"), strings.Join(names, ", "),
			words.DidYouMean(": ", name, names))
	}
	return d
}

// variable returns "" for one that is unset.
func (r *resolver) variable(name string) string {
	v, _ := r.lookup(name)
	return v
}

// setting returns what a key of textKeys is given by, a variable or the file. A
// variable is a setting without a place, and is not quoted in an error: people put
// a secret into the wrong variable.
func (r *resolver) setting(key string) (s setting, given bool) {
	inFile, given := r.d.texts[key]
	name := overrides[key]
	if key == keyEnvironmentID && !given && r.variable(name) == "" {
		name = envWorker
	}
	if v := r.variable(name); v != "" {
		return setting{path: name, pieces: []words.Piece{{Text: v}}}, true
	}
	return inFile, given
}

// value returns what a setting comes to, checked, "" if it is not given.
func (r *resolver) value(key string) string {
	s, given := r.setting(key)
	if !given {
		return ""
	}
	return r.checked(key, s)
}

func (r *resolver) checked(key string, s setting) string {
	text, ok := s.expand(r.lookup, r.m)
	if ok {
		s.check(r.m, key, text)
	}
	return text
}

func (r *resolver) expandAll(settings map[string]setting) map[string]string {
	values := make(map[string]string, len(settings))
	for name, s := range settings {
		values[name], _ = s.expand(r.lookup, r.m)
	}
	return values
}

func (r *resolver) live() *Live {
	base, needsID := r.base()
	l := &Live{
		EnvironmentID: r.ownID(base, needsID),
		ClientID:      r.value(keyClientID),
		ClientSecret:  secret.New(r.value(keyClientSecret)),
		ClientAuth:    r.value(keyClientAuth),
		RedirectURI:   r.value(keyRedirectURI),
		Scopes:        r.scopes(),
		Hosts:         r.hosts(),
		CA:            r.pool(),
		Flows:         r.expandAll(r.d.flows),
	}
	if _, given := r.setting(keyClientID); !given {
		r.missing("clientId, want the id of the app", keyClientID)
	}
	if l.ClientAuth != "" && l.ClientAuth != "none" && l.ClientSecret.Reveal() == "" {
		s, _ := r.setting(keyClientAuth)
		r.m.Add(s.at, "%s is for an app with a secret, and there is none: write it under clientSecret, "+
			"or remove clientAuth", s.shown(keyClientAuth))
	}
	if needsID {
		base += "/" + l.EnvironmentID + "/as"
	}
	l.Authorize = base + "/authorize"
	if r.d.discovery {
		l.Issuer = base
	}
	l.Worker, l.Population, l.ReadOnly = r.worker(l, base), r.value(keyPopulation), r.d.readOnly
	l.Mail, l.SMS = r.mailbox(keyMail), r.mailbox(keySMS)
	return l
}

// missing notes a setting that a live target cannot do without.
func (r *resolver) missing(what string, keys ...string) {
	variables := make([]string, len(keys))
	for i, key := range keys {
		variables[i] = overrides[key]
	}
	r.m.Add(r.d.at, "%s has no %s: write it there or set %s", r.d.path, what, words.Or(variables))
}

// base returns what the endpoints are below, and whether the environment's id
// is still to be put after it, as it is for a region. Either variable replaces
// both settings of the file, or FLOWTEST_REGION could never win over a baseUrl.
func (r *resolver) base() (base string, needsID bool) {
	region, hasRegion := r.setting(keyRegion)
	custom, hasBase := r.setting(keyBaseURL)
	switch {
	case hasRegion && hasBase && region.isVariable() && custom.isVariable():
		r.m.Add(strictyaml.Position{}, "%s and %s are both set, want one of them: unset the other",
			region.path, custom.path)
		return "", false
	case hasRegion && (region.isVariable() || !custom.isVariable()):
		return regionBase(r.value(keyRegion)), true
	case hasBase:
		return strings.TrimRight(r.value(keyBaseURL), "/"), false
	}
	r.missing("region and no baseUrl, want one of them", keyRegion, keyBaseURL)
	return "", false
}

// ownID returns the environment's id, and notes one that is another than that in
// a baseUrl, where it would change nothing. The id in
// FLOWTEST_BASE_URL overrides the one in the file, as the variable overrides the rest.
func (r *resolver) ownID(base string, needed bool) string {
	s, given := r.setting(keyEnvironmentID)
	if needed && !given {
		r.missing("environmentId, want one beside a region", keyEnvironmentID)
	}
	id, inBase := r.value(keyEnvironmentID), idIn(base)
	switch {
	case needed || inBase == "":
		return id
	case !given, s.path == envWorker, !s.isVariable() && r.variable(overrides[keyBaseURL]) != "":
		return inBase
	case twoIDs(base, id):
		r.m.Add(s.at, "%s %s", s.shown(keyEnvironmentID), otherID)
	}
	return id
}

func (r *resolver) scopes() []string {
	if v := r.variable(envScopes); v != "" {
		list := strings.Fields(v)
		if len(list) == 0 {
			r.m.Add(strictyaml.Position{}, "%s holds no scope, want at least one: set it to openid or unset it",
				envScopes)
		}
		return list
	}
	if len(r.d.scopes) == 0 {
		return []string{"openid"}
	}
	list := make([]string, len(r.d.scopes))
	for i, s := range r.d.scopes {
		list[i] = r.checked(keyScopes, s)
	}
	return list
}

func (r *resolver) hosts() (list []string) {
	for _, s := range r.d.hosts {
		list = append(list, r.checked(keyHosts, s))
	}
	return list
}

// pool reads the private CAs; nil if none are given.
func (r *resolver) pool() *x509.CertPool {
	name := r.value(keyCA)
	if name == "" {
		return nil
	}
	pool := x509.NewCertPool()
	data, err := r.readBeside(name)
	var problem string
	switch {
	case err != nil:
		problem = "cannot be read: " + err.Error()
	case !pool.AppendCertsFromPEM(data):
		problem = "holds no certificate, want a PEM file of CAs"
	default:
		return pool
	}
	s, _ := r.setting(keyCA)
	r.m.Add(s.at, "%s %s", s.shown(keyCA), problem)
	return nil
}

// readBeside reads a file that is named relative to the flowtest.yaml, or
// absolutely, as CI systems name what they have mounted. Its error continues a
// sentence with what is wanted.
func (r *resolver) readBeside(name string) (data []byte, err error) {
	inside := path.Join(r.dir, filepath.ToSlash(name))
	switch {
	case filepath.IsAbs(name):
		data, err = safefile.Read(name, maxCA)
	case fs.ValidPath(inside):
		data, err = safefile.ReadFS(r.fsys, inside, maxCA)
	default:
		return nil, errors.New("it is above the folder that was opened, want a PEM file below it or an absolute path")
	}
	if err != nil {
		return nil, fmt.Errorf("%w, want a PEM file", bare(err))
	}
	return data, nil
}
