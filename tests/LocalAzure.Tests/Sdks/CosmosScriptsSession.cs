using System.Text;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Scripts;

namespace LocalAzure.Tests.Sdks;

/// <summary>Every operation of <see cref="Scripts"/>: LocalAzure runs no JavaScript.</summary>
internal sealed class CosmosScriptsSession(Session session, Scripts scripts)
{
    private static readonly PartitionKey A = new("a");

    public async Task Play()
    {
        await StoredProcedures();
        await Triggers();
        await Functions();
    }

    private async Task StoredProcedures()
    {
        const string Feature = "stored procedures";
        var procedure = new StoredProcedureProperties("p", "function () { }");
        await session.Refused(scripts, Feature, s => s.CreateStoredProcedureAsync(procedure));
        await session.Refused(scripts, Feature, s => s.CreateStoredProcedureStreamAsync(procedure));
        await session.Refused(scripts, Feature, s => s.GetStoredProcedureQueryIterator<StoredProcedureProperties>().ReadNextAsync());
        await session.Refused(scripts, Feature, s => s.GetStoredProcedureQueryStreamIterator().ReadNextAsync());
        await session.Refused(scripts, Feature, s => s.ReadStoredProcedureAsync("p"));
        await session.Refused(scripts, Feature, s => s.ReadStoredProcedureStreamAsync("p"));
        await session.Refused(scripts, Feature, s => s.ReplaceStoredProcedureAsync(procedure));
        await session.Refused(scripts, Feature, s => s.ReplaceStoredProcedureStreamAsync(procedure));
        await session.Refused(scripts, Feature, s => s.ExecuteStoredProcedureAsync<string>("p", A, []));
        await session.Refused(scripts, Feature, s => s.ExecuteStoredProcedureStreamAsync("p", new MemoryStream(Encoding.UTF8.GetBytes("[]")), A));
        await session.Refused(scripts, Feature, s => s.DeleteStoredProcedureAsync("p"));
        await session.Refused(scripts, Feature, s => s.DeleteStoredProcedureStreamAsync("p"));
    }

    private async Task Triggers()
    {
        const string Feature = "triggers";
        var trigger = new TriggerProperties { Id = "t", Body = "function () { }", TriggerOperation = TriggerOperation.All, TriggerType = TriggerType.Pre };
        await session.Refused(scripts, Feature, s => s.CreateTriggerAsync(trigger));
        await session.Refused(scripts, Feature, s => s.CreateTriggerStreamAsync(trigger));
        await session.Refused(scripts, Feature, s => s.GetTriggerQueryIterator<TriggerProperties>().ReadNextAsync());
        await session.Refused(scripts, Feature, s => s.GetTriggerQueryStreamIterator().ReadNextAsync());
        await session.Refused(scripts, Feature, s => s.ReadTriggerAsync("t"));
        await session.Refused(scripts, Feature, s => s.ReadTriggerStreamAsync("t"));
        await session.Refused(scripts, Feature, s => s.ReplaceTriggerAsync(trigger));
        await session.Refused(scripts, Feature, s => s.ReplaceTriggerStreamAsync(trigger));
        await session.Refused(scripts, Feature, s => s.DeleteTriggerAsync("t"));
        await session.Refused(scripts, Feature, s => s.DeleteTriggerStreamAsync("t"));
    }

    private async Task Functions()
    {
        const string Feature = "user-defined functions";
        var function = new UserDefinedFunctionProperties { Id = "f", Body = "function () { }" };
        await session.Refused(scripts, Feature, s => s.CreateUserDefinedFunctionAsync(function));
        await session.Refused(scripts, Feature, s => s.CreateUserDefinedFunctionStreamAsync(function));
        await session.Refused(scripts, Feature, s => s.GetUserDefinedFunctionQueryIterator<UserDefinedFunctionProperties>().ReadNextAsync());
        await session.Refused(scripts, Feature, s => s.GetUserDefinedFunctionQueryStreamIterator().ReadNextAsync());
        await session.Refused(scripts, Feature, s => s.ReadUserDefinedFunctionAsync("f"));
        await session.Refused(scripts, Feature, s => s.ReadUserDefinedFunctionStreamAsync("f"));
        await session.Refused(scripts, Feature, s => s.ReplaceUserDefinedFunctionAsync(function));
        await session.Refused(scripts, Feature, s => s.ReplaceUserDefinedFunctionStreamAsync(function));
        await session.Refused(scripts, Feature, s => s.DeleteUserDefinedFunctionAsync("f"));
        await session.Refused(scripts, Feature, s => s.DeleteUserDefinedFunctionStreamAsync("f"));
    }
}
