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
    When I submit the form with:
      | key           | value            |
      | user.username | ${user.username} |
      | user.password | ${user.password} |
    Then the flow pauses at "Passkey Form"
    And the authenticator has 0 passkeys
    When I register a passkey
    Then the flow completes
    And the session cookies are set
    And the authenticator has 1 passkey for "example.com"
    When I start the flow
    And I fill in "user.username" with "${user.username}"
    And I press "Use my passkey"
    Then the flow pauses at "Confirm Form"
    When I sign on with a passkey
    Then the flow completes
    And the session cookies are set

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
    When the passkey prompt fails with "TimeoutError"
    Then the flow reports an error with code "registrationTimedOut"
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

  Scenario Outline: What no authenticator made is refused: <what>
    When I press "PASSKEY"
    And I submit the form with:
      | key   | value   |
      | fido2 | <value> |
    Then the response status is 400
    And the flow reports "The passkey could not be verified"

    Examples:
      | what                    | value                                                                                               |
      | nothing in it           | {"assertionValue": {}}                                                                              |
      | an answer of its own    | {"assertionValue": {"id": "AQID", "rawId": "AQID", "type": "public-key", "response": {}}}             |
      | the wrong kind of value | {"attestationValue": {"id": "AQID", "rawId": "AQID", "type": "public-key", "response": {}}}           |
