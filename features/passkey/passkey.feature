@passkey
Feature: Passkeys
  A user registers a passkey after a password, and signs on with it the next time. The
  authenticator is software. What it posts is verified as the service does: a replay
  checks the challenge, the origin, the relying party, the flags and the signature.

  Background:
    Given the flow "passkey"
    And the user "alice"
    And the user has an authenticator
    When I start the flow
    Then the flow pauses at "Sign On Form"

  @smoke
  Scenario: Alice registers a passkey and signs on with it
    Then the form has the fields:
      | key           | type          | label           |
      | user.username | TEXT          | Username        |
      | user.password | PASSWORD      | Password        |
      | submit        | SUBMIT_BUTTON | Sign On         |
      | CONFIRM       | FLOW_BUTTON   | Use my passkey  |
      | PASSKEY       | FLOW_BUTTON   | Use any passkey |
    And "form.description" is "Sign on with a password or with a passkey"
    And the field "user.username" is required
    And every field comes empty
    And the field "user.password" is required
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    Then the flow pauses at "Passkey Form"
    And the authenticator has 0 passkeys
    And the form has the fields:
      | key   | type  | label                                 |
      |       | LABEL | Sign on without a password next time. |
      | fido2 | FIDO2 | Create a passkey                      |
    And "form.components.fields.#(type==LABEL).content" is "Sign on without a password next time."
    And "form.description" is "Offer to make a passkey"
    And the field "fido2" is required
    And the response matches the schema "../schemas/screen.json"
    When I register a passkey
    Then the flow completes
    And the authenticator has 1 passkey for "example.com"
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"
    When I start the flow
    And I fill in "user.username" with "${user.username}"
    And I press "Use my passkey"
    Then the flow pauses at "Confirm Form"
    And the form has the fields:
      | key   | type  | label    |
      | fido2 | FIDO2 | Continue |
    And "form.description" is "Ask for a passkey of the user"
    And the field "fido2" is required
    And the response matches the schema "../schemas/screen.json"
    When I sign on with a passkey
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: The passkey says who signs on
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    And I register a passkey
    Then the flow completes
    When I start the flow
    And I press "PASSKEY"
    Then the flow pauses at "Any Passkey Form"
    And "form.components.fields.#(type==FIDO2).publicKeyCredentialRequestOptions.allowCredentials" is absent
    And the form has the fields:
      | key   | type  | label    |
      | fido2 | FIDO2 | Continue |
    And "form.description" is "Ask for any passkey"
    And the field "fido2" is required
    And the response matches the schema "../schemas/screen.json"
    When I sign on with a passkey
    Then the flow completes
    When I start the flow
    And I press "PASSKEY"
    And I sign on with a passkey
    Then the flow completes
    And the authenticator has 1 passkey

  Scenario: Alice cancels the prompt, and registers a passkey all the same
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    And I cancel the passkey prompt
    Then the response status is 400
    And the flow reports "FIDO Registration Error - NotAllowedError"
    And the authenticator has 0 passkeys
    And the flow reports an error with code "registrationCancelled"
    When the passkey prompt fails with "TimeoutError"
    Then the flow reports an error with code "registrationTimedOut"
    And the flow reports "FIDO Registration Error - TimeoutError"
    When I register a passkey
    Then the flow completes

  Scenario: Alice cancels the prompt and uses her password
    When I press "PASSKEY"
    And I cancel the passkey prompt
    Then the flow pauses at "Sign On Form"
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    Then the flow pauses at "Passkey Form"

  Scenario: A wrong password is refused
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And the flow reports an error with code "invalidCredentials"
    And the form offers "submit"

  Scenario: A passkey that no authenticator made is not registered
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    And I submit the form with:
      | key   | value                    |
      | fido2 | {"attestationValue": {}} |
    Then the response status is 400
    And the flow reports "The passkey could not be registered"
    And the flow reports an error with code "invalidPasskey"
    And the authenticator has 0 passkeys

  Scenario Outline: What no authenticator made is refused: <what>
    When I press "PASSKEY"
    And I submit the form with:
      | key   | value   |
      | fido2 | <value> |
    Then the response status is 400
    And the flow reports "The passkey could not be verified"
    And the flow reports an error with code "invalidPasskey"

    Examples:
      | what                    | value                                                                                               |
      | nothing in it           | {"assertionValue": {}}                                                                              |
      | an answer of its own    | {"assertionValue": {"id": "AQID", "rawId": "AQID", "type": "public-key", "response": {}}}             |
      | the wrong kind of value | {"attestationValue": {"id": "AQID", "rawId": "AQID", "type": "public-key", "response": {}}}           |
