@sign-on
Feature: Sign on
  A person signs on with username and password. A person who has no account, or has
  lost the password, finds the way on from the same screen.

  Background:
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  @smoke
  Scenario: Alice signs on
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the session cookies are set
    And "authorizeResponse.code" is a string

  Scenario: The first screen asks for username and password
    Then the capability is "customHTMLTemplate"
    And "form.description" is "Prompt for username and password"
    And the form has the fields:
      | key      | type          | label                      |
      | username | TEXT          | Username                   |
      | password | PASSWORD      | Password                   |
      | SIGNON   | SUBMIT_BUTTON | Sign On                    |
      | REGISTER | FLOW_BUTTON   | No account? Register now!  |
      | TROUBLE  | FLOW_BUTTON   | Having trouble signing on? |

  Scenario: A button may be named by what it says
    When I fill in "username" with "${user.username}"
    And I fill in "password" with "${user.password}"
    And I press "Sign On"
    Then the flow completes

  @smoke
  Scenario: After a wrong password the right one still signs on
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And "details.0.rawResponse.details.0.innerError.failuresRemaining" is 3
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow completes
    And the session cookies are set

  Scenario Outline: The answer to <who> does not say what was wrong
    When I submit the form with:
      | key      | value      |
      | username | <username> |
      | password | <password> |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And "capabilityName" is "<capability>"
    And the form offers "SIGNON"
    And the flow reports an error with code "Invalid username and/or password"

    Examples:
      | who                          | username         | password         | capability    |
      | a wrong password             | ${user.username} | not-the-password | checkPassword |
      | an unknown user              | someone.else     | not-the-password | userLookup    |
      | a stranger with her password | someone.else     | ${user.password} | userLookup    |

  Scenario: Registering can be left again
    When I press "REGISTER"
    Then the flow pauses at "Registration Form"
    And the capability is "customForm"
    And the form offers "user.email"
    When I press "CANCEL"
    Then the flow pauses at "Sign On Form"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes

  Scenario: Having trouble leads to a password reset and back
    When I press "Having trouble signing on?"
    Then the flow pauses at "Trouble Signing On Form"
    And the form has the fields:
      | key             | type        | label                |
      | FORGOT_PASSWORD | FLOW_BUTTON | I forgot my password |
      | CANCEL          | FLOW_BUTTON | Back to sign on      |
    When I press "FORGOT_PASSWORD"
    Then the flow pauses at "Reset Password Form"
    And the form has the fields:
      | key      | type          | label             |
      | username | TEXT          | Username or email |
      | CONTINUE | SUBMIT_BUTTON | Continue          |
      | CANCEL   | FLOW_BUTTON   | Back to sign on   |
    And "form.description" is "Prompt for the user whose password is to be reset"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I press "Back to sign on"
    Then the flow pauses at "Sign On Form"
