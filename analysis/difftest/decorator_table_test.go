package difftest

import (
	"fmt"
	"strings"

	"flowls/analysis/catalog"
)

// anyValues are tried for every argument of every decorator.
var anyValues = []string{"None", "True", "0", "3", "-1", "2.5", "''", "'x'", "'7'", "[]", "['x']", "('x',)", "{}", "{'x': 'y'}", "{'x': 1}", "VALUE", "lambda: 1"}

// stepApplications and flowApplications are chosen by hand.
var stepApplications = []string{
	"@retry", "@retry()", "@retry(3)", "@retry(times=4)", "@retry(times=5)", "@retry(times='4')", "@retry(times='5')", "@retry(times=4.9)", "@retry(times='4.0')",
	"@retry(times=' 3 ')", "@retry(times='1_0')", "@retry(times=b'3')", "@retry(times=1e1)", "@retry(times=3j)", "@retry(times=...)", "@retry(times=[i for i in 'a'])",
	"@retry(time=3)", "@retry(times=3, minute_between_retries=1)", "@retry(**{'times': 3})", "@retry(*[])",
	"@retry\n@retry", "@retry\n@catch\n@retry", "@card\n@card", "@card(id='a')\n@card(id='a')", "@step\n@retry", "@retry\n@step\n@catch", "@step\n@project(name='a')",
	"@step\n@step", "@retry\n@step\n@retry\n@step", "@project(name='a')", "@schedule", "@conda_base", "@trigger(event='a')",
	"@timeout", "@timeout()", "@timeout(60)", "@timeout(seconds=60)", "@timeout(seconds=60, minutes=-1)", "@timeout(hours=0.9)", "@timeout(minutes='1')", "@timeout(seconds=0, minutes=0)",
	"@timeout(hour=1)", "@timeout(seconds=True)",
	"@environment({'A': 'b'})", "@environment(var={'A': 'b'})", "@card('blank')", "@catch('e')", "@resources(memory='16Gi')", "@resources(memory=1, mem=2)", "@secrets(['a'])",
	"@parallel(1)", "@parallel(n=1)", "@parallel()", "@parallel", "@pytorch_parallel(master_port=1)", "@pytorch_parallel(port=1)",
	"@kubernetes\n@batch", "@batch\n@kubernetes", "@kubernetes\n@timeout(seconds=30)", "@batch\n@timeout(seconds=59)", "@timeout(minutes=1)\n@batch", "@timeout(seconds=30)\n@retry",
	"@timeout(seconds=-5)\n@kubernetes", "@timeout(seconds=-5)", "@kubernetes\n@parallel\n@catch", "@parallel\n@catch", "@pytorch_parallel\n@catch\n@kubernetes",
	"@kubernetes(cpu='500m')", "@kubernetes(memory='4Gi')", "@kubernetes(memory='1e3')", "@kubernetes(cpu='inf')", "@kubernetes(cpu='nan')", "@kubernetes(cpu='.5')", "@kubernetes(cpu='1_0')",
	"@kubernetes(gpu=1.0)", "@kubernetes(gpu='1.0')", "@kubernetes(gpu='0.5')", "@kubernetes(gpu_vendor='AMD')", "@kubernetes(gpu_vendor='intel')", "@kubernetes(qos='Guaranteed')", "@kubernetes(qos='besteffort')",
	"@kubernetes(tmpfs_size='100')", "@kubernetes(shared_memory='10')", "@kubernetes(labels={'a': '-b'})", "@kubernetes(labels={'a': 'a' * 64})", "@kubernetes(labels={'a': None})", "@kubernetes(labels={'a': 'a.b-c_d'})",
	"@kubernetes(labels={'a': '" + sixtyThree + "'})", "@kubernetes(labels={'a': '" + sixtyThree + "x'})", "@kubernetes(labels={'a': ''})", "@kubernetes(labels={'a': 'ä'})",
	"@kubernetes(node_selector='a=b')", "@kubernetes(node_selector='a=b,a=c')", "@kubernetes(node_selector='a=b,c')", "@kubernetes(annotations={'a': 'anything goes'})",
	"@resources(cpu=2)\n@kubernetes(cpu=0)", "@resources(gpu=1)\n@kubernetes(gpu=0.5)", "@resources\n@kubernetes(gpu=0.5)", "@resources(gpu=0.5)\n@kubernetes", "@resources\n@kubernetes(memory='x')",
	"@resources(memory='x')\n@kubernetes", "@resources(shared_memory='x')\n@kubernetes(shared_memory='y')", "@resources\n@kubernetes(disk=0)", "@resources(cpu='x')\n@batch",
	"@batch(inferentia=1, trainium=1)", "@batch(trainium=1)", "@batch(inferentia=None, trainium=1)", "@batch(aws_batch_tags={'aws:a': 'b'})", "@batch(aws_batch_tags={'a': 'AWS:b'})",
	"@batch(aws_batch_tags={'a': '!b'})", "@batch(aws_batch_tags={'a': 'b!'})", "@batch(aws_batch_tags={'!a': 'b'})", "@batch(aws_batch_tags={'" + sixtyThree + sixtyThree + "abc': 'b'})", "@batch(tmpfs_path='/tmp')",
	"@conda(packages={'a': 1})", "@conda\n@pypi", "@conda(package={'a': '1'})", "@pypi(libraries={'a': '1'})", "@conda(packages={'a': '1'}, libraries={'b': '2'})",
}

const sixtyThree = "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij123"

var flowApplications = []string{
	"@project", "@project()", "@project('a')", "@project(name='a')", "@project(name='A')", "@project(name='a-b')", "@project(name='a\\n')", "@project(name='é')", "@project(name='a' * 200)",
	"@project(name='" + sixtyThree + sixtyThree + "ab')", "@project(name='" + sixtyThree + sixtyThree + "abc')", "@project(name='a', branch='B')", "@project(name='a', branch='b.c')", "@project(branch='b')",
	"@project(name='a', production='no')", "@project(name='a', brnch='b')", "@project(name='a')\n@project(name='b')", "@retry", "@step", "@card(type='blank')", "@pypi(packages={'a': '1'})", "@conda",
	"@schedule", "@schedule('0 0 * * ? *')", "@schedule(cron='x')", "@schedule(hourly=True, weekly=True)", "@schedule(cronn='x')", "@schedule\n@schedule", "@schedule(timezone='Nowhere')",
	"@trigger", "@trigger('a')", "@trigger(event='a')", "@trigger(event='a b')", "@trigger(event={'name': 'a'})", "@trigger(event={'nam': 'a'})", "@trigger(events=['a', 'b'])", "@trigger(events=['a', 'a'])",
	"@trigger(events=['a', {'name': 'a'}])", "@trigger(events=('a', 'b'))", "@trigger(events=[3])", "@trigger(events=[{}])", "@trigger(events=[None])", "@trigger(events=[['a']])", "@trigger(event='a', events=['b'])",
	"@trigger(event='a', events=[])", "@trigger(event='', events=['b'])", "@trigger(event={'name': 3})", "@trigger(event={'name': ['a']})", "@trigger(event={'name': hook})", "@trigger(event=hook)", "@trigger(events=hook)", "@trigger(events=[hook])",
	"@trigger(event={'name': 'a', 'parameters': 'x'})", "@trigger(event={'name': 'a', 'parameters': ['x']})", "@trigger(event={'name': 'a', 'parameters': [3]})", "@trigger(event={'name': 'a', 'parameters': [('a', 'b')]})",
	"@trigger(event={'name': 'a', 'parameters': [('a', 'b', 'c')]})", "@trigger(event={'name': 'a', 'parameters': [['a', 'b']]})", "@trigger(event={'name': 'a', 'parameters': ('a', 'b')})", "@trigger(event={'name': 'a', 'parameters': {'a': 1}})",
	"@trigger(event={'name': 'a', 'parameters': {1: 'a'}})", "@trigger(event={'name': 'a', 'parameters': [('a', 1)]})", "@trigger(event={'name': 'a', 'parameters': None})", "@trigger(event={'name': 'a', 'parameters': {'a': VALUE}})",
	"@trigger(event={'name': 'a', 'parameters': {'a': hook}})", "@trigger(event='a', option={})", "@trigger(event=namespaced_event_name('a'))", "@trigger(event='a')\n@trigger(event='b')",
	"@trigger_on_finish", "@trigger_on_finish('A')", "@trigger_on_finish(flow='A')", "@trigger_on_finish(flow='a.b')", "@trigger_on_finish(flow='p.b.A')", "@trigger_on_finish(flow='p.b.c.A')", "@trigger_on_finish(flow='A-b')",
	"@trigger_on_finish(flow='A b')", "@trigger_on_finish(flow={'name': 'A'})", "@trigger_on_finish(flow={'nam': 'A'})", "@trigger_on_finish(flow={'name': 'a.b'})", "@trigger_on_finish(flow={'name': 'A', 'project': 3})",
	"@trigger_on_finish(flow={'name': 'A', 'project_branch': 3})", "@trigger_on_finish(flow={'name': 'A', 'branch': 3})", "@trigger_on_finish(flows=['A', 'A'])", "@trigger_on_finish(flows=['A', 3])", "@trigger_on_finish(flows=[{}])",
	"@trigger_on_finish(flow='A', flows=['B'])", "@trigger_on_finish(flow='.a.b')", "@trigger_on_finish(flow='..')", "@trigger_on_finish(flow='é')", "@trigger_on_finish(flow={'name': ''})", "@trigger_on_finish(flow=hook)", "@trigger_on_finish(flows=hook)",
	"@trigger_on_finish(flows=[hook])", "@trigger_on_finish(flows=[lambda x: 'A'])", "@trigger_on_finish(flow=None)", "@trigger(event='a')\n@trigger_on_finish(flow='A')",
	"@exit_hook", "@exit_hook(on_success=[hook])", "@exit_hook(on_success='hook')", "@exit_hook(on_success=hook)", "@exit_hook(on_success=[hook, 3])", "@exit_hook(on_success=None, on_error=[hook])", "@exit_hook(on_success=[], on_error=['a'])",
	"@exit_hook(on_error=[hook])\n@exit_hook(on_error=[hook])", "@exit_hook(on_failure=[hook])", "@exit_hook([hook])", "@exit_hook(on_success=(hook,))",
	"@airflow_external_task_sensor", "@airflow_external_task_sensor(external_dag_id='x')", "@airflow_external_task_sensor(external_dag_id='x', allowed_states='success')", "@airflow_external_task_sensor(external_dag_id='x', allowed_states='foo')",
	"@airflow_external_task_sensor(external_dag_id='x', allowed_states=['success', 'foo'])", "@airflow_external_task_sensor(external_dag_id='x', allowed_states=3)", "@airflow_external_task_sensor(external_dag_id='x', execution_delta=3)",
	"@airflow_external_task_sensor(external_dag_id='x', execution_delta=datetime.timedelta(days=1))", "@airflow_s3_key_sensor", "@airflow_s3_key_sensor(bucket_key='x')", "@airflow_s3_key_sensor(bucket='x')",
	"@conda_base(packages=['a'])", "@pypi_base(packages='a')", "@pypi_base(packages={'a': 1})", "@conda_base\n@pypi_base", "@conda_base\n@conda_base", "@pypi_base(libraries={})",
}

// beside are what a decorator needs so that its other arguments matter.
var beside = map[string]string{
	"project": "name='a'", "trigger": "event='a'", "trigger_on_finish": "flow='A'", "exit_hook": "on_error=['a']",
	"airflow_external_task_sensor": "external_dag_id='x'", "airflow_s3_key_sensor": "bucket_key='x'", "timeout": "seconds=90",
}

// decoratorQuestions are the applications by hand, and every argument of every
// decorator with every kind of value.
func decoratorQuestions() []question {
	var all []question
	for _, s := range stepApplications {
		all = append(all, application("", s))
	}
	for _, f := range flowApplications {
		all = append(all, application(f, ""))
	}
	c := catalog.Default()
	for _, d := range append(c.StepDecorators(), c.FlowDecorators()...) {
		for _, arg := range d.Args {
			for _, value := range anyValues {
				call := fmt.Sprintf("@%s(%s=%s)", d.Name, arg.Name, value)
				if rest := beside[d.Name]; rest != "" && !strings.HasPrefix(rest, arg.Name+"=") {
					call = fmt.Sprintf("@%s(%s=%s, %s)", d.Name, arg.Name, value, rest)
				}
				if d.Level == catalog.StepLevel {
					all = append(all, application("", call))
				} else {
					all = append(all, application(call, ""))
				}
			}
		}
	}
	return all
}
