@mfa
Feature: The first factor comes first
  The flow offers no device before the password was right.

  Scenario: A wrong password leads to no device
    Given the flow "mfa"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And the form does not offer "REGISTER"
    And the form has the fields:
      | key      | type          | label    |
      | username | TEXT          | Username |
      | password | PASSWORD      | Password |
      | SIGNON   | SUBMIT_BUTTON | Sign On  |
    And "form.description" is "Prompt for username and password"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the flow reports "Invalid username and/or password"
    And the form does not offer "device"
    And the flow reports an error with code "Invalid username and/or password"
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow pauses at "Choose a Device"
    And the form offers "device"
    And the field "device" is required
    And the form has the fields:
      | key          | type                  | label                   |
      | device-intro | LABEL                 | Confirm that it is you. |
      | device       | DEVICE_AUTHENTICATION | Device                  |
    And "form.description" is "Choose where to confirm this sign-on"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
