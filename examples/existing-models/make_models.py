"""Makes the models of this folder, as scikit-learn and skl2onnx export them: pip install scikit-learn skl2onnx pandas"""
from pathlib import Path
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

here = Path(__file__).parent
weather = pd.read_csv(here / "../../node_modules/vega-datasets/data/seattle-weather.csv").sample(frac=0.5, random_state=0)
X, y = weather[["temp_max", "temp_min", "wind"]].to_numpy("float32"), (weather.weather == "rain").astype(int)
models = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(30, max_depth=5, random_state=0),
}
for name, model in models.items():
    onnx = to_onnx(model.fit(X, y), initial_types=[("X", FloatTensorType([None, 3]))], options={"zipmap": False}, target_opset=17)
    (here / f"{name}.onnx").write_bytes(onnx.SerializeToString())
