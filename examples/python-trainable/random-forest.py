"""Does it rain? scikit-learn's random forest as a trainable of Fanfare; a rung counts trees, and goes on from those that it has."""
import pickle

from fanfare_trainable import Report, columns_in, trainable
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


@trainable(resource="trees")
def handler(*, params, seed, data, start, until, **_):
    (X, y, weights), held = data.rows("train"), data.rows("validation")
    words = [name for name in data.inputs if data.fields[name] == "string"]
    numbers = [name for name in data.inputs if name not in words]
    prepare = make_column_transformer((SimpleImputer(), numbers), (OneHotEncoder(handle_unknown="ignore"), words))
    matrix = prepare.fit_transform(X)
    forest = pickle.loads(start.checkpoint) if start.checkpoint else RandomForestClassifier(warm_start=True, random_state=seed, **params)
    for trees in range(start.resource + 1, until + 1):
        forest.set_params(n_estimators=trees).fit(matrix, y, weights)
        # As float32, which the model gives: a probability of 0 costs the same here and there.
        rain = forest.predict_proba(prepare.transform(held.X))[:, 1].astype("float32")
        yield Report(
            resource=trees,
            value=log_loss(held.y, rain),
            checkpoint=lambda: pickle.dumps(forest),
            model=lambda: columns_in(exported(make_pipeline(prepare, forest), forest, words, data), data),
        )


def exported(pipeline, forest, words, data):
    types = [(name, (StringTensorType if name in words else FloatTensorType)([None, 1])) for name in data.inputs]
    return to_onnx(pipeline, initial_types=types, options={id(forest): {"zipmap": False}}, target_opset=17)
