using Azure.Data.Tables;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Sdks;

/// <summary>The .NET SDKs play a session of every operation that they have: each answer is right, or a 501 that names the feature.</summary>
[Collection(SdkTests.Name)]
public sealed class DotNetSessionTests(SdkHost host)
{
    [Fact]
    public async Task Every_operation_of_the_Cosmos_SDK_is_right_or_refused_by_name()
    {
        var session = new Session("Cosmos DB");
        await new CosmosSession(session, host).Play();
        Complete(session, typeof(CosmosClient));
    }

    [Fact]
    public async Task Every_operation_of_the_Key_Vault_secrets_SDK_is_right_or_refused_by_name()
    {
        var session = new Session("Key Vault");
        await KeyVaultSession.Play(session, host.NewSecrets());
        Complete(session, typeof(SecretClient));
    }

    [Fact]
    public async Task Every_operation_of_the_Tables_SDK_is_right_or_refused_by_name()
    {
        var session = new Session("Tables");
        await TablesSession.Play(session, host.NewTables());
        Complete(session, typeof(TableServiceClient));
    }

    [Fact]
    public void No_operation_is_left_out_that_the_SDKs_do_not_have()
    {
        Type[] clients = [typeof(CosmosClient), typeof(SecretClient), typeof(TableServiceClient)];
        LeftOut.Unknown([.. clients.SelectMany(client => SdkOperations.Of(client.Assembly))]).Should().BeEmpty();
    }

    private static void Complete(Session session, Type client)
    {
        SdkOperations.Of(client.Assembly).Where(operation => !LeftOut.IsOf(operation)).Except(session.Operations).Should().BeEmpty("the session plays every operation");
        RefusalsPage.ShouldShow(session.Service, ".NET", session.Refusals);
    }
}
