using System.Globalization;

namespace LocalAzure;

/// <summary>What a person reads on the console when everything is up.</summary>
internal static class Summary
{
    public static void Print(Action<string> print, Endpoints endpoints, TimeSpan took, string state)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"""

            LocalAzure is ready after {took.TotalSeconds:0.0} s. Ctrl-C stops all of it.

              app               {endpoints.Functions}/api
              status page       {endpoints.Local}
              outbox            {endpoints.Local}/status/outbox
              Cosmos DB         {endpoints.Cosmos}
              Key Vault         {endpoints.KeyVault}
              Tables            {endpoints.Tables}
              Resource Manager  {endpoints.ResourceManager}
              Microsoft Graph   {endpoints.Graph}
              state             {state}

            """);
        print(text);
        if (endpoints.Admin.Password is { } password)
        {
            print($"""
                Sign in as {endpoints.Admin.Email} with the password {password}

                """);
        }
        if (endpoints.Admin.ApiKey is { } key)
        {
            print($"""
                First call, as the administrator:

                  curl -H "Authorization: Bearer {key}" {endpoints.Functions}/api/customers

                """);
        }
        else
        {
            print($"""
                The app has made no administrator's key, so nobody can call it yet: {Path.Combine(state, "logs", "functions-0.log")} says why.

                """);
        }
    }
}
